/**
 * An example port, the module way: `touchstone verify --port ./tools/ports/example-port.mjs`.
 *
 * One method, saliency, in plain loops over plain arrays, for networks that are one chain of Conv2d, ReLU, MaxPool2d,
 * Identity, Flatten and Linear. What it cannot do it says: an error whose `code` is `unsupported` skips the case.
 */

const unsupported = (message) => Object.assign(new Error(message), { code: 'unsupported' });

/**
 * Module type → (attributes, weight, bias) → input tensor → { output, backward: gradient of the output → gradient of
 * the input }.
 */
const layers = {
  Conv2d:
    (
      { kernelSize: [kh, kw], stride: [sh, sw], padding: [ph, pw], dilation: [dh, dw], groups, outChannels },
      weight,
      bias,
    ) =>
    (input) => {
      const [n, c, h, w] = input.shape;
      const oh = Math.floor((h + 2 * ph - dh * (kh - 1) - 1) / sh) + 1;
      const ow = Math.floor((w + 2 * pw - dw * (kw - 1) - 1) / sw) + 1;
      const perGroup = c / groups;
      /** Calls `use(output index, input index, weight index)` for every product of the convolution. */
      const products = (use) => {
        for (let b = 0; b < n; b++)
          for (let o = 0; o < outChannels; o++)
            for (let k = 0; k < perGroup; k++) {
              const channel = Math.floor(o / (outChannels / groups)) * perGroup + k;
              for (let y = 0; y < oh; y++)
                for (let x = 0; x < ow; x++)
                  for (let i = 0; i < kh; i++) {
                    const row = y * sh - ph + i * dh;
                    if (row < 0 || row >= h) continue;
                    for (let j = 0; j < kw; j++) {
                      const column = x * sw - pw + j * dw;
                      if (column < 0 || column >= w) continue;
                      use(
                        ((b * outChannels + o) * oh + y) * ow + x,
                        ((b * c + channel) * h + row) * w + column,
                        ((o * perGroup + k) * kh + i) * kw + j,
                      );
                    }
                  }
            }
      };
      const output = zeros([n, outChannels, oh, ow]);
      if (bias) output.data.forEach((_, i, all) => (all[i] = bias.data[Math.floor(i / (oh * ow)) % outChannels]));
      products((o, i, k) => (output.data[o] += input.data[i] * weight.data[k]));
      const backward = (gradient) => {
        const back = zeros(input.shape);
        products((o, i, k) => (back.data[i] += gradient.data[o] * weight.data[k]));
        return back;
      };
      return { output, backward };
    },

  Linear:
    ({ inFeatures, outFeatures }, weight, bias) =>
    (input) => {
      const [n] = input.shape;
      const output = zeros([n, outFeatures]);
      const products = (use) => {
        for (let b = 0; b < n; b++)
          for (let o = 0; o < outFeatures; o++)
            for (let i = 0; i < inFeatures; i++) use(b * outFeatures + o, b * inFeatures + i, o * inFeatures + i);
      };
      if (bias) output.data.forEach((_, i, all) => (all[i] = bias.data[i % outFeatures]));
      products((o, i, k) => (output.data[o] += input.data[i] * weight.data[k]));
      const backward = (gradient) => {
        const back = zeros(input.shape);
        products((o, i, k) => (back.data[i] += gradient.data[o] * weight.data[k]));
        return back;
      };
      return { output, backward };
    },

  Identity: () => (input) => ({ output: input, backward: (gradient) => gradient }),

  ReLU: () => (input) => ({
    output: { shape: input.shape, data: input.data.map((v) => Math.max(v, 0)) },
    backward: (gradient) => ({ shape: input.shape, data: gradient.data.map((g, i) => (input.data[i] > 0 ? g : 0)) }),
  }),

  MaxPool2d:
    ({ kernelSize: [kh, kw], stride: [sh, sw], padding: [ph, pw], dilation, ceilMode }) =>
    (input) => {
      if (ceilMode || dilation.some((d) => d !== 1)) throw unsupported('MaxPool2d with ceilMode or dilation');
      const [n, c, h, w] = input.shape;
      const oh = Math.floor((h + 2 * ph - kh) / sh) + 1;
      const ow = Math.floor((w + 2 * pw - kw) / sw) + 1;
      const output = zeros([n, c, oh, ow]);
      /** Index of the first maximum of each window, in row-major order. */
      const winner = new Int32Array(output.data.length);
      for (let plane = 0, o = 0; plane < n * c; plane++)
        for (let y = 0; y < oh; y++)
          for (let x = 0; x < ow; x++, o++) {
            let best = -1;
            for (let row = Math.max(0, y * sh - ph); row < Math.min(h, y * sh - ph + kh); row++)
              for (let column = Math.max(0, x * sw - pw); column < Math.min(w, x * sw - pw + kw); column++) {
                const i = (plane * h + row) * w + column;
                if (best < 0 || input.data[i] > input.data[best]) best = i;
              }
            winner[o] = best;
            output.data[o] = input.data[best];
          }
      const backward = (gradient) => {
        const back = zeros(input.shape);
        winner.forEach((i, o) => (back.data[i] += gradient.data[o]));
        return back;
      };
      return { output, backward };
    },

  Flatten:
    ({ startDim, endDim }) =>
    (input) => {
      if (startDim !== 1 || endDim !== -1) throw unsupported('Flatten of anything but each image whole');
      const [n] = input.shape;
      const output = { shape: [n, input.data.length / n], data: input.data };
      return { output, backward: (gradient) => ({ shape: input.shape, data: gradient.data }) };
    },
};

function zeros(shape) {
  return { shape, data: new Float64Array(shape.reduce((a, b) => a * b, 1)) };
}

/** The calls of a chain of leaves in order, through nested containers. */
function chain(modules, path) {
  const module = modules[modules[path].alias ?? path];
  if (!module.calls) return [path];
  let value = module.inputs[0];
  return module.calls.flatMap((call) => {
    if (!call.module || call.args.length !== 1 || call.args[0] !== value)
      throw unsupported(`${module.type} is not a chain of modules`);
    value = call.name;
    return chain(modules, call.module);
  });
}

function layerAt({ description, weights }, path) {
  const { type, attributes } = description.modules[description.modules[path].alias ?? path];
  if (!layers[type]) throw unsupported(`no ${type} here`);
  return layers[type](attributes, weights[`${path}.weight`], weights[`${path}.bias`]);
}

function seed({ shape: [n, classes] }, target) {
  const gradient = zeros([n, classes]);
  for (let b = 0; b < n; b++)
    for (let k = 0; k < classes; k++) {
      const chosen = Array.isArray(target.class) ? target.class[b] : target.class;
      gradient.data[b * classes + k] = target.weights ? target.weights[k] : Number(k === chosen);
    }
  return gradient;
}

function reduce(gradient, how) {
  if (how === 'none') return gradient;
  const [n, c, h, w] = gradient.shape;
  const out = zeros([n, 1, h, w]);
  gradient.data.forEach((g, i) => {
    const o = Math.floor(i / (c * h * w)) * h * w + (i % (h * w));
    out.data[o] = how === 'abs-max' ? Math.max(out.data[o], Math.abs(g)) : out.data[o] + Math.abs(g);
  });
  return out;
}

async function saliency({ network, inputs, target, params }) {
  if (params.display) throw unsupported('the numbers of an image are not computed here');
  let value = { shape: inputs.x.shape, data: Float64Array.from(inputs.x.data) };
  const steps = [];
  for (const path of chain(network.description.modules, '')) {
    const { output, backward } = layerAt(network, path)(value);
    steps.push(backward);
    value = output;
  }
  const gradient = steps.reduceRight((g, backward) => backward(g), seed(value, target));
  return { logits: value, gradient, attribution: reduce(gradient, params.reduce) };
}

export default { name: 'example-port', version: '1.0.0', methods: { saliency } };
