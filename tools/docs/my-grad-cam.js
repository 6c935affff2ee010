/** What the port in the README imports: Grad-CAM in plain TensorFlow.js. */
import * as tf from '@tensorflow/tfjs';

/**
 * @param {tf.LayersModel} model
 * @param {tf.Tensor4D} images [N,H,W,C]
 * @param {number[]} classes one per image
 * @param {string} path of the layer
 * @returns {tf.Tensor4D} maps [N,H,W,1] from 0 to 1
 */
export function myGradCam(model, images, classes, path) {
  const layer = model.getLayer(path);
  const call = layer.call.bind(layer);
  const withOutput = (change) => {
    layer.call = (...given) => change(call(...given));
    return model.apply(images);
  };
  let maps;
  let calls = 0;
  withOutput((output) => {
    calls++;
    maps = tf.keep(output.clone());
    return output;
  });
  const gradient = tf.grad((added) => {
    let call = 0;
    const logits = withOutput((output) => (++call === calls ? output.add(added) : output));
    return logits.mul(tf.oneHot(tf.tensor1d(classes, 'int32'), logits.shape[1])).sum();
  })(tf.zerosLike(maps));
  const map = maps
    .mul(gradient.mean([1, 2], true))
    .sum(-1, true)
    .relu();
  const top = map.max([1, 2, 3], true);
  const normalised = map.div(tf.where(top.greater(0), top, tf.onesLike(top)));
  return tf.image.resizeBilinear(normalised, images.shape.slice(1, 3), false, true);
}
