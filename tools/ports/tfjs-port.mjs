/**
 * Plain TensorFlow.js: `touchstone verify --port ./tools/ports/tfjs-port.mjs`. Its gradients are those of
 * TensorFlow.js, which differ from PyTorch's at 6 in ReLU6, on most backends at ties of max pools, and elsewhere:
 * docs/traps.md.
 */
import * as tf from '@tensorflow/tfjs';

const unsupported = (message) => Object.assign(new Error(message), { code: 'unsupported' });

/** What is explained, summed over the batch: the images are independent, so each gets its own gradient. */
function score(logits, { class: classes, weights }) {
  if (weights) return tf.sum(tf.mul(logits, tf.tensor2d([weights])));
  if (classes === undefined) throw unsupported('the target is no class and no sum of logits');
  const [n, count] = logits.shape;
  const each = Array.isArray(classes) ? classes : Array(n).fill(classes);
  return tf.sum(tf.mul(logits, tf.oneHot(tf.tensor1d(each, 'int32'), count)));
}

const imagesOf = ({ inputs: { x } }) => tf.tensor(x.data, x.shape);

async function saliency(job) {
  if (job.params.display) throw unsupported('the numbers of an image are not computed here');
  const [model, x] = [await job.layersModel(tf), imagesOf(job)];
  const gradient = tf.grad((images) => score(model.apply(images), job.target))(x);
  const size = gradient.abs();
  const reduced = { none: gradient, 'abs-max': size.max(-1, true), 'abs-sum': size.sum(-1, true) };
  return { logits: model.apply(x), gradient: gradient.clone(), attribution: reduced[job.params.reduce] };
}

/** Calls `onOutput` with what the layer returns; what that returns, if anything, is used instead. */
function watch(layer, onOutput) {
  const call = layer.call.bind(layer);
  layer.call = (...given) => {
    const output = call(...given);
    return onOutput(output) ?? output;
  };
  return () => (layer.call = call);
}

/** What the layer returns in its last call, A, and ∂score/∂A: the gradient of what is added to it. */
function layerGradient(model, path, x, target) {
  const layer = model.getLayer(path);
  const outputs = [];
  const stop = watch(layer, (output) => void outputs.push(tf.keep(output.clone())));
  const logits = model.apply(x);
  stop();
  const [A, last] = [outputs.at(-1), outputs.length];
  const gradient = tf.grad((added) => {
    let calls = 0;
    watch(layer, (output) => (++calls === last ? output.add(added) : undefined));
    return score(model.apply(x), target);
  })(tf.zerosLike(A));
  return { logits, A, gradient };
}

async function camOf(job, mapOf) {
  const [model, x] = [await job.layersModel(tf), imagesOf(job)];
  const { logits, A, gradient } = layerGradient(model, job.params.layer, x, job.target);
  const { map, ...stages } = mapOf(A, gradient);
  const top = map.abs().max([1, 2, 3], true);
  const normalised = map.div(tf.where(top.greater(0), top, tf.onesLike(top)));
  const attribution = tf.image.resizeBilinear(normalised, x.shape.slice(1, 3), false, true);
  return { logits, activations: A, gradient, ...stages, map, normalised, attribution };
}

const gradCam = (job) =>
  camOf(job, (A, gradient) => {
    const weights = gradient.mean([1, 2], true);
    return { weights: weights.squeeze([1, 2]), map: A.mul(weights).sum(-1, true).relu() };
  });

const hiResCam = (job) =>
  camOf(job, (A, gradient) => {
    const map = A.mul(gradient).sum(-1, true);
    return { map: job.params.relu ? map.relu() : map };
  });

async function activations(job) {
  const model = await job.layersModel(tf);
  const { modules } = job.network.description;
  const paths = job.params.layers ?? Object.keys(modules).filter((path) => 'attributes' in modules[path]);
  const stages = {};
  for (const path of paths) {
    let calls = 0;
    watch(model.getLayer(path), (output) => {
      stages[++calls === 1 ? path : `${path}#${calls}`] = tf.keep(output.clone());
    });
  }
  const logits = model.apply(imagesOf(job));
  return { logits, ...stages, attribution: Object.values(stages).at(-1).clone() };
}

/** @type {import('@touchstone/port').Port} */
export default {
  name: 'tfjs',
  version: tf.version.tfjs,
  layout: 'NHWC',
  methods: { saliency, 'grad-cam': gradCam, 'hires-cam': hiResCam, activations },
};
