/**
 * `node tools/docs/why.mjs`: draws docs/why.svg, the figure in the README. One handwritten digit, its saliency from
 * TF.js alone on two backends, and from Touchstone on the same two. Needs a build.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** One copy of TF.js for all: that of the backends. */
const require = createRequire(join(root, 'packages/backends/package.json'));
const tf = require('@tensorflow/tfjs');
const wasm = require('@tensorflow/tfjs-backend-wasm');
const { readSafetensors } = await import('../../packages/contract/dist/index.js');
const { explain, findMethod } = await import('../../packages/methods/dist/index.js');
const { loadNetwork } = await import('../../packages/network/dist/index.js');

const side = 8;
/** A handwritten 1: of scikit-learn's 1,797 digits, the one on which the two backends differ most. */
const digit = 1626;
const shownClass = 1;

const tensorsOf = (file) => readSafetensors(readFileSync(join(root, 'golden', file)), file).tensors;
const weights = tensorsOf('networks/digits/weights.safetensors');
const description = JSON.parse(readFileSync(join(root, 'golden/networks/digits/network.json'), 'utf8'));
const x = {
  shape: [1, 1, side, side],
  data: Float32Array.from(tensorsOf('inputs/digits-all.safetensors').x.data.slice(digit * 64, (digit + 1) * 64)),
};

/** The digits network and its gradient as a front-end engineer writes them with TF.js. */
async function stockSaliency() {
  const tensor = (name) => tf.tensor(Float32Array.from(weights[name].data), weights[name].shape);
  const conv = (h, name) =>
    tf.add(tf.conv2d(h, tf.transpose(tensor(`${name}.weight`), [2, 3, 1, 0]), 1, 'same'), tensor(`${name}.bias`));
  const block = (h, name) => tf.maxPool(tf.relu(conv(h, name)), 2, 2, 'valid');
  const logits = (image) => {
    const maps = block(block(image, '0'), '3');
    const flat = tf.reshape(tf.transpose(maps, [0, 3, 1, 2]), [1, -1]);
    return tf.add(tf.matMul(flat, tensor('7.weight'), false, true), tensor('7.bias'));
  };
  const score = (image) => tf.sum(tf.slice(logits(image), [0, shownClass], [1, 1]));
  return tf
    .grad(score)(tf.tensor4d(x.data, [1, side, side, 1]))
    .data();
}

async function touchstoneSaliency() {
  const network = loadNetwork(description, weights);
  const asked = { network, x, target: { class: shownClass }, params: { reduce: 'none' }, fixtures: {} };
  const { stages } = await explain(findMethod('saliency'), asked);
  network.dispose();
  return stages.attribution.data;
}

/** `‖a − b‖₂ / ‖a‖₂` */
function distance(a, b) {
  const norm = (values) => Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0));
  return norm(Array.from(a, (value, i) => value - b[i])) / norm(Array.from(a));
}

/** The data of the figure: five maps, and how far apart the backends are. */
export async function measure() {
  wasm.setWasmPaths(join(dirname(require.resolve('@tensorflow/tfjs-backend-wasm')), '/'));
  const maps = {};
  for (const backend of ['cpu', 'wasm']) {
    await tf.setBackend(backend);
    maps[`stock ${backend}`] = await stockSaliency();
    maps[`touchstone ${backend}`] = await touchstoneSaliency();
  }
  return {
    maps,
    stock: distance(maps['stock cpu'], maps['stock wasm']),
    touchstone: distance(maps['touchstone cpu'], maps['touchstone wasm']),
  };
}

/** The captions of the maps of TF.js alone, and under those of Touchstone. */
export function captions({ stock, touchstone }) {
  const apart = touchstone < 1e-6 ? 'less than 0.0001' : (100 * touchstone).toPrecision(1);
  return [`cpu and wasm: ${Math.round(100 * stock)} % apart`, `cpu and wasm: ${apart} % apart`];
}

const cell = 22;
const gap = 24;
const top = 44;
const map = side * cell;

function panel(values, index, title, colour) {
  const left = gap + index * (map + gap);
  const cells = Array.from(values, (value, i) => {
    const [column, row] = [i % side, Math.floor(i / side)];
    const [x, y] = [left + column * cell, top + row * cell];
    return `<rect x="${x}" y="${y}" width="${cell}" height="${cell}" fill="${colour(value)}"/>`;
  });
  return `<text x="${left}" y="${top - 10}">${title}</text>\n${cells.join('\n')}`;
}

const grey = (value) => shade(value, value, value);
/** Blue below zero, red above, white at zero; `value` in −1…1. */
const diverging = (value) => (value < 0 ? shade(1 + value, 1 + value, 1) : shade(1, 1 - value, 1 - value));

function shade(...channels) {
  const hex = (part) => (17 * Math.round(15 * Math.min(1, Math.max(0, part)))).toString(16).padStart(2, '0');
  return `#${channels.map(hex).join('')}`;
}

export function draw(found) {
  const { maps } = found;
  const largest = Math.max(...Object.values(maps).flatMap((values) => Array.from(values, Math.abs)));
  const brightest = Math.max(...x.data);
  const scaled = (name) => Array.from(maps[name], (value) => value / largest);
  const [stock, touchstone] = captions(found);
  const width = gap + 5 * (map + gap);
  const height = top + map + 44;
  const at = (index) => gap + index * (map + gap);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="15">
<title>Saliency of one digit. TensorFlow.js, ${stock}. Touchstone, ${touchstone}.</title>
<rect width="${width}" height="${height}" fill="#ffffff"/>
${panel(
  x.data.map((value) => value / brightest),
  0,
  'A handwritten 1',
  grey,
)}
${panel(scaled('stock cpu'), 1, 'TensorFlow.js, cpu', diverging)}
${panel(scaled('stock wasm'), 2, 'TensorFlow.js, wasm', diverging)}
${panel(scaled('touchstone cpu'), 3, 'Touchstone, cpu', diverging)}
${panel(scaled('touchstone wasm'), 4, 'Touchstone, wasm', diverging)}
<text x="${at(1)}" y="${height - 16}" font-weight="bold" fill="#b00020">${stock}</text>
<text x="${at(3)}" y="${height - 16}" font-weight="bold" fill="#1b5e20">${touchstone}</text>
</svg>
`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const found = await measure();
  writeFileSync(join(root, 'docs/why.svg'), draw(found));
  console.log(captions(found).join('\n'));
}
