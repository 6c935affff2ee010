/**
 * onnxruntime-web, which has no gradients: `touchstone verify --port ./tools/ports/onnxruntime-web-port.mjs`.
 */
import * as ort from 'onnxruntime-web';

ort.env.wasm.numThreads = 1;

const unsupported = (message) => Object.assign(new Error(message), { code: 'unsupported' });

async function run(job, outputs) {
  const session = await ort.InferenceSession.create(await job.onnx({ outputs }));
  const { data, shape } = job.inputs.x;
  const values = await session.run({ x: new ort.Tensor('float32', data, shape) });
  await session.release();
  return Object.fromEntries(Object.entries(values).map(([name, { data, dims }]) => [name, { data, shape: dims }]));
}

async function activations(job) {
  const { modules } = job.network.description;
  const paths = job.params.layers ?? Object.keys(modules).filter((path) => 'attributes' in modules[path]);
  const { logits, ...values } = await run(job, 'all');
  const called = Object.entries(values).filter(([name]) => paths.includes(name.split('#')[0]));
  return { logits, ...Object.fromEntries(called), attribution: called.at(-1)[1] };
}

/** Σ over channels of the map times the class's weights in the last Linear. */
async function cam(job) {
  const { layer, linear } = job.params;
  const { class: classes, weights: ofLogits } = job.target;
  if (!ofLogits && classes === undefined) throw unsupported('the target is no class and no sum of logits');
  const { logits, ...values } = await run(job, 'all');
  const maps = Object.entries(values).findLast(([name]) => name.split('#')[0] === layer)[1];
  const [n, k, h, w] = maps.shape;
  const { data, shape } = job.network.kernels[linear];
  const columns = shape[1];
  const weights = { data: new Float32Array(n * k), shape: [n, k] };
  const attribution = { data: new Float32Array(n * h * w), shape: [n, 1, h, w] };
  for (let i = 0; i < n; i++) {
    const chosen = Array.isArray(classes) ? classes[i] : classes;
    for (let c = 0; c < k; c++) {
      const row = data.subarray(c * columns, (c + 1) * columns);
      const alpha = ofLogits ? row.reduce((sum, weight, logit) => sum + weight * ofLogits[logit], 0) : row[chosen];
      weights.data[i * k + c] = alpha;
      for (let p = 0; p < h * w; p++) attribution.data[i * h * w + p] += alpha * maps.data[(i * k + c) * h * w + p];
    }
  }
  return { logits, activations: maps, weights, attribution };
}

/** @type {import('@touchstone/port').Port} */
export default { name: 'onnxruntime-web', version: ort.env.versions.web, methods: { activations, cam } };
