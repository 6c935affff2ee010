/** The real ports of tools/ports give what we give. */
import { fileURLToPath } from 'node:url';
import { judgeStage, type HostTensor } from '@touchstone/contract';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openSession } from '../open-session.js';
import type { ExplainRequest } from '../request.js';
import type { Session } from '../session.js';
import { ModuleEngine } from './module-engine.js';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
let own: Session;
beforeAll(async () => {
  own = await openSession({ backend: 'cpu' });
});
afterAll(() => own.close());

const x: HostTensor = { shape: [2, 3, 32, 32], data: Float32Array.from({ length: 6144 }, (_, i) => Math.sin(i * i)) };
const about = { x, target: { class: [7, 2] }, fixtures: {}, maxValues: 1e6 };

it.each<[port: string, method: string, network: string, params: ExplainRequest['params']]>([
  ['tfjs', 'saliency', 'tiny-vgg', { reduce: 'abs-max', display: false }],
  ['tfjs', 'grad-cam', 'tiny-vgg', { layer: 'features.9' }],
  ['tfjs', 'grad-cam', 'shared-block', { layer: 'blocks.0' }],
  ['tfjs', 'activations', 'relu-reused', { layers: ['relu', 'conv3'] }],
  ['onnxruntime-web', 'activations', 'relu-reused', { layers: ['relu', 'conv3'] }],
  ['onnxruntime-web', 'cam', 'head-gap', { layer: 'features.7', linear: 'fc' }],
])('%s: %s of %s', async (port, method, network, params) => {
  const request = { ...about, method, params, networkFolder: `${root}golden/networks/${network}` };
  const expected = await own.explain(request);
  if (expected.kind !== 'answered') throw new Error(expected.reason);
  const engine = await ModuleEngine.open(`${root}tools/ports/${port}-port.mjs`);
  const { stages } = await engine.explain(request);
  expect(Object.keys(stages).toSorted()).toEqual(Object.keys(expected.stages).toSorted());
  for (const [name, stage] of Object.entries(expected.stages))
    expect(judgeStage(stages[name]!, stage, { e2: 1e-7, eMax: 1e-7 }), name).toMatchObject({ check: null });
});
