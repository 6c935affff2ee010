import { judgeStage, TouchstoneError, type HostTensor, type LeafAttributes } from '@touchstone/contract';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { fromHost, loadNetwork, toHost, Variable } from '@touchstone/network';
import * as ort from 'onnxruntime-web';
import { beforeAll, expect, it } from 'vitest';
import { openJob, type AskedNetwork } from './job.js';
import { goldenLogits, goldenNetwork, hookNetworks, withOtherFunctions } from './testing.js';

beforeAll(async () => {
  ort.env.wasm.numThreads = 1;
  await tf.setBackend('cpu');
});

/** The outputs of the model that a port is given, run by onnxruntime. */
async function run(network: AskedNetwork, x: HostTensor, outputs: string[] = []): Promise<Record<string, HostTensor>> {
  const { job } = openJob({ x, target: { class: 0 }, params: {}, fixtures: {} }, network, {});
  const session = await ort.InferenceSession.create(await job.onnx({ outputs }));
  const input = new ort.Tensor('float32', Float32Array.from(x.data), x.shape);
  const answer = await session.run({ x: input });
  await session.release();
  const entries = Object.entries(answer).map(([name, { data, dims }]) => [name, { data, shape: dims }]);
  return Object.fromEntries(entries) as Record<string, HostTensor>;
}

async function forward({ description, weights }: AskedNetwork, x: HostTensor): Promise<HostTensor> {
  const network = loadNetwork(description, weights);
  const input = fromHost(x);
  const y = await toHost(network.call(Variable.leaf(input)).value);
  input.dispose();
  network.dispose();
  return y;
}

function drawn(shape: readonly number[]): HostTensor {
  return {
    shape,
    data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(1 + i * i)),
  };
}

/** All functions of u-net are written as ONNX. */
const unwritten = new Set([...withOtherFunctions].filter((name) => name !== 'u-net'));
const rows = goldenLogits().map((row) => [row.description.name, row] as const);

it.each(rows.filter(([name]) => unwritten.has(name)))(
  '%s is refused by the name of a call',
  async (_, { x, ...row }) => {
    await expect(run(row, x)).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('which is not written as ONNX') as string,
    });
  },
);

it.each(rows.filter(([name]) => !unwritten.has(name)))(
  '%s gives the logits of PyTorch',
  async (_, { x, logits, reference, ...network }) => {
    expect(judgeStage((await run(network, x))['logits']!, logits, reference)).toMatchObject({ check: null });
  },
);

it('module trees with reused modules and flattened views that are changed in place', async () => {
  for (const network of hookNetworks()) {
    const x = drawn([2, ...network.description.input.shape]);
    const { logits } = await run(network, x);
    const judged = judgeStage(logits!, await forward(network, x), { e2: 0, eMax: 0 });
    expect(judged, network.description.name).toMatchObject({ check: null });
  }
});

/** A network of one layer without weights on [2,7,9]. */
function single(type: string, attributes: Record<string, unknown>): AskedNetwork {
  const modules = {
    '': { type: 'N', inputs: ['x'], calls: [{ name: 'a', module: 'logits', args: ['x'] }], output: 'a' },
    logits: { type, attributes },
  };
  const about = { format: 'touchstone-network', version: 1, name: 'n', why: '' } as const;
  return { folder: '', description: { ...about, input: { shape: [2, 7, 9] }, modules }, weights: {} };
}

type Average = LeafAttributes<'AvgPool2d'>;
const average: Average = {
  kernelSize: [3, 2],
  stride: [2, 2],
  padding: [1, 1],
  ceilMode: true,
  countIncludePad: true,
  divisorOverride: null,
};
const maximum = { kernelSize: [2, 2], stride: [3, 4], padding: [1, 0], dilation: [2, 1], ceilMode: true };
const layers: [string, Record<string, unknown>][] = [
  ['AvgPool2d', { ...average }],
  ['AvgPool2d', { ...average, countIncludePad: false }],
  ['AvgPool2d', { ...average, ceilMode: false, countIncludePad: false }],
  ['AvgPool2d', { ...average, divisorOverride: 5 }],
  ['MaxPool2d', maximum],
  ['MaxPool2d', { ...maximum, kernelSize: [1, 1], padding: [0, 0] }],
  ['AdaptiveAvgPool2d', { outputSize: [3, null] }],
  ['AdaptiveAvgPool2d', { outputSize: [7, 9] }],
  ['AdaptiveAvgPool2d', { outputSize: [1, 1] }],
  ['ZeroPad2d', { padding: [1, 0, 2, 3] }],
  ['Flatten', { startDim: 2, endDim: -1 }],
  ['ReLU6', { inplace: false }],
];
it.each(layers)('%s %o as here', async (type, attributes) => {
  const x = { ...drawn([3, 2, 7, 9]), data: drawn([3, 2, 7, 9]).data.map((v) => 8 * v) };
  const network = single(type, attributes);
  const judged = judgeStage((await run(network, x))['logits']!, await forward(network, x), { e2: 0, eMax: 0 });
  expect(judged).toMatchObject({ check: null });
});

it('functions that move values, and products, as here', async () => {
  const calls = [
    { name: 'rows', op: 'slice', args: ['x'], attributes: { dim: 2, start: 1, end: 6, step: 2 } },
    { name: 'mixed', op: 'index_select', args: ['rows'], attributes: { dim: 3, index: [8, 0, 0, 4] } },
    { name: 'turned', op: 'permute', args: ['mixed'], attributes: { dims: [0, 1, 3, 2] } },
    { name: 'product', op: 'matmul', args: ['mixed', 'turned'], attributes: {} },
    { name: 'tokens', op: 'reshape', args: ['product'], attributes: { shape: [-1, 2, 9] } },
  ];
  const root = { type: 'N', inputs: ['x'], calls, output: 'tokens' };
  const network = single('Identity', {});
  network.description.modules[''] = root;
  const x = drawn([3, 2, 7, 9]);
  const judged = judgeStage((await run(network, x))['logits']!, await forward(network, x), { e2: 1e-6, eMax: 1e-6 });
  expect(judged).toMatchObject({ check: null });
});

const window = { stride: [2, 1], padding: [1, 0], dilation: [1, 2], groups: 2 };
const resize = { size: [9, 5], scales: null, alignCorners: false };
it.each<[op: string, attributes: Record<string, unknown>, weights?: Record<string, number[]>]>([
  ['conv2d', window, { w: [4, 1, 3, 2], b: [4] }],
  ['conv_transpose2d', { ...window, outputPadding: [1, 0] }, { w: [2, 3, 3, 2], b: [6] }],
  ['conv_transpose2d', { ...window, outputPadding: [0, 0] }, { w: [2, 3, 3, 2] }],
  ['interpolate', { ...resize, mode: 'nearest' }],
  ['interpolate', { ...resize, mode: 'bilinear', alignCorners: true }],
  ['interpolate', { ...resize, mode: 'bicubic', size: [9, 11], scales: [1.3, 1.25] }],
  ['pad', { padding: [1, -2, 0, 3], mode: 'constant', value: 0.5 }],
  ['pad', { padding: [1, 2, 0, 3], mode: 'reflect', value: 0 }],
  ['pad', { padding: [1, 2, 8, 0], mode: 'replicate', value: 0 }],
  ['pad', { padding: [9, 2, 1, 3], mode: 'circular', value: 0 }],
  ['adaptive_max_pool2d', { outputSize: [3, 3] }],
])('%s %o as here', async (op, attributes, shapes = {}) => {
  const network = single('Identity', {});
  const own = Object.entries(shapes);
  const calls = [
    ...own.map(([name]) => ({ name, weight: name })),
    { name: 'y', op, args: ['x', ...Object.keys(shapes)], attributes },
  ];
  network.description.modules[''] = { type: 'N', inputs: ['x'], weights: shapes, calls, output: 'y' };
  const weights = Object.fromEntries(own.map(([name, shape]) => [name, drawn(shape)]));
  const asked = { ...network, weights };
  const x = drawn([3, 2, 7, 9]);
  const judged = judgeStage((await run(asked, x))['logits']!, await forward(asked, x), { e2: 1e-6, eMax: 1e-6 });
  expect(judged).toMatchObject({ check: null });
});

it('returns the values that are asked for, also those of a second call, and refuses others', async () => {
  const network = goldenNetwork('relu-reused');
  const x = drawn([2, 3, 32, 32]);
  const answer = await run(network, x, ['relu', 'relu#4', 'max_pool2d-op']);
  expect(Object.entries(answer).map(([name, { shape }]) => `${name} ${shape.join()}`)).toEqual([
    'logits 2,10',
    'relu 2,10,16,16',
    'relu#4 2,24',
    'max_pool2d-op 2,16,2,2',
  ]);
  await expect(run(network, x, ['relu#5'])).rejects.toThrow(TouchstoneError);
});
