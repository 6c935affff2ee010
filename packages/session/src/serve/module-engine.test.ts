import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import type { ExplainRequest } from '../request.js';
import { ModuleEngine } from './module-engine.js';

const folder = mkdtempSync(join(tmpdir(), 'touchstone-port-'));
afterAll(() => rmSync(folder, { recursive: true }));

const request: ExplainRequest = {
  method: 'saliency',
  networkFolder: fileURLToPath(new URL('../../../../golden/networks/tiny-vgg', import.meta.url)),
  x: { shape: [1, 2, 2, 3], data: Float32Array.from({ length: 12 }, (_, i) => i) },
  target: { class: 0 },
  params: {},
  fixtures: {},
  maxValues: 100,
};

let count = 0;
async function answer(port: string, about: Partial<ExplainRequest> = {}) {
  const file = join(folder, `port-${++count}.mjs`);
  writeFileSync(file, `const log = []; export default { name: 'p', version: '1', ${port} };`);
  const engine = await ModuleEngine.open(file);
  return (await engine.explain({ ...request, ...about })).stages;
}

it('a port that declares NHWC and float64 gets both, and its maps are taken as NHWC', async () => {
  const stages = await answer(
    `layout: 'NHWC', dtype: 'float64', methods: { saliency: ({ inputs, fixtures }) => ({
    attribution: inputs.x,
    noise: fixtures.noise,
    seen: { shape: [2], data: [inputs.x.data instanceof Float64Array ? 1 : 0, inputs.x.shape[3]] },
  }) }`,
    { fixtures: { noise: { shape: [2, 1, 1, 2, 3], data: new Float32Array(12).fill(1) } } },
  );
  expect(Array.from(stages['seen']!.data)).toEqual([1, 2]);
  expect(stages['attribution']!.shape).toEqual(request.x.shape);
  expect(Array.from(stages['attribution']!.data)).toEqual(Array.from(request.x.data));
  expect(stages['noise']!.shape).toEqual([2, 1, 1, 2, 3]);
});

it('a tensor of TensorFlow.js is read and disposed; one that is too large is not read', async () => {
  const port = `methods: { saliency: ({ params }) => ({ attribution: {
    shape: params.shape, data: async () => Int32Array.from([7]), dispose: () => { globalThis.disposed = true; } } }) }`;
  const stages = await answer(port, { params: { shape: [1, 1] } });
  expect(stages['attribution']).toEqual({ shape: [1, 1], data: Float32Array.of(7) });
  expect(globalThis).toMatchObject({ disposed: true });
  await expect(answer(port, { params: { shape: [1e9] } })).rejects.toMatchObject({ code: 'port-error' });
});

it('one tensor may be two stages', async () => {
  const port = `methods: { saliency: () => {
    let isDisposed = false;
    const data = async () => { if (isDisposed) throw new Error('disposed'); return Float32Array.of(7); };
    const tensor = { shape: [1], data, dispose: () => { isDisposed = true; } };
    return { gradient: tensor, attribution: tensor };
  } }`;
  expect(Object.keys(await answer(port, {}))).toEqual(['gradient', 'attribution']);
});

it('kernels are those of TensorFlow.js, weights those of PyTorch, each a copy', async () => {
  const stages = await answer(`methods: { saliency: ({ network: { kernels, weights } }) => {
    const [kernel, weight] = [kernels['features.0'], weights['features.0.weight']];
    weights['features.3.weight'].data.fill(0);
    const spoilt = kernels['features.3'].data.every((v) => v === 0);
    return { attribution: { shape: [3], data: [kernel.data[1 * 8 + 3], weight.data[3 * 27 + 1 * 9], spoilt ? 1 : 0] },
      kernel: { shape: [4], data: kernel.shape } , linear: { shape: [2], data: kernels['classifier.0'].shape } };
  } }`);
  const [ofKernel, ofWeight, spoilt] = stages['attribution']!.data;
  expect([ofKernel, spoilt]).toEqual([ofWeight, 0]);
  expect(Array.from(stages['kernel']!.data)).toEqual([3, 3, 3, 8]);
  expect(Array.from(stages['linear']!.data)).toEqual([128, 48]);
});
