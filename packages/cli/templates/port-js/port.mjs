/**
 * A port for Touchstone: your implementation, with a function per method.
 *
 *     npx touchstone port check --port ./port.mjs
 *     npx touchstone verify --port ./port.mjs
 */
import * as tf from '@tensorflow/tfjs';

/** Throw this for what your code does not do: the case is skipped, not failed. */
const unsupported = (what) => Object.assign(new Error(what), { code: 'unsupported' });

/** The gradient of the target's score with respect to the image. Replace it by a call of your own code. */
async function saliency({ inputs: { x }, classes, params, layersModel }) {
  if (params.display) throw unsupported('the stage "display"');
  const model = await layersModel(tf); // the network; model.getLayer('features.0') is a module by its name in PyTorch
  const ofClasses = tf.oneHot(tf.tensor1d(classes, 'int32'), model.outputShape[1]);
  const score = (images) => tf.sum(tf.mul(model.apply(images), ofClasses));
  const gradient = tf.grad(score)(tf.tensor(x.data, x.shape));
  const overChannels = { none: (g) => g, 'abs-max': (g) => tf.max(g, 3, true), 'abs-sum': (g) => tf.sum(g, 3, true) };
  return { gradient, attribution: overChannels[params.reduce](params.reduce === 'none' ? gradient : tf.abs(gradient)) };
}

export default { name: 'my port', version: '1.0.0', layout: 'NHWC', methods: { saliency } };
