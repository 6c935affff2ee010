/** Law L36: an image that fools the network on one backend fools it on every backend, each in a separate process. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { backends } from '@touchstone/backends';
import type { CaseRow, HostTensor, Stages } from '@touchstone/contract';
import { allParams } from '../port/request-for.js';
import { backendPort } from '../port/backend-port.js';
import { openGolden } from '../golden/golden-store.js';
import type { Port } from '../port/port.js';

const golden = openGolden(join(fileURLToPath(import.meta.url), '../../../../../golden'));
const row = golden.cases.find(({ id }) => id === 'fooling-image/digits/digit-3')!;
const ports: Port[] = [];
/** Of the pages one, and three digits: the laws run fooling images on each backend, and software renderers are slow. */
const isFull = process.env['TOUCHSTONE_FULL'] === '1';

beforeAll(async () => {
  for (const { id } of backends.filter(({ id: each }) => isFull || each !== 'webgpu')) {
    const port = backendPort(id, { deadlineMs: 60_000 });
    if ((await port.open()).kind === 'ready') ports.push(port);
    else port.stop();
  }
}, 120_000);
afterAll(() => {
  for (const port of ports) port.stop();
});

async function stagesOf(port: Port, asked: CaseRow, x: HostTensor): Promise<Stages> {
  const answer = await port.explain({
    method: asked.method,
    target: asked.target,
    networkFolder: golden.networkFolder(asked.network),
    x,
    fixtures: {},
    params: allParams(asked, golden.readNetwork(asked.network), x.shape),
    maxValues: 1_000_000,
  });
  if (answer.kind !== 'answered') throw new Error(`${asked.method} on ${port.id}: ${answer.reason}`);
  return answer.stages;
}

/** The likeliest class of each image. */
async function seenOn(port: Port, x: HostTensor): Promise<number[]> {
  const { logits } = await stagesOf(port, { ...row, method: 'saliency', params: {}, target: { class: 0 } }, x);
  const [count, classes] = logits!.shape as [number, number];
  return Array.from({ length: count }, (_, i) => {
    const scores = logits!.data.subarray(i * classes, (i + 1) * classes);
    return scores.indexOf(Math.max(...scores));
  });
}

/** `count` times the same image, as a batch. */
function repeated({ shape, data }: HostTensor, count: number): HostTensor {
  const batch = new Float32Array(count * data.length);
  for (let i = 0; i < count; i++) batch.set(data, i * data.length);
  return { shape: [count, ...shape.slice(1)], data: batch };
}

it('there are several backends', () => {
  expect(ports.map(({ id }) => id)).toEqual(expect.arrayContaining(['cpu', 'wasm', 'float64']));
});

it('a three that one backend turns into another digit is that digit on all backends', async () => {
  const wanted = isFull ? [0, 1, 2, 4, 5, 6, 7, 8, 9] : [2, 5, 8];
  const threes = repeated(golden.readInput(row.input), wanted.length);
  for (const maker of ports) {
    expect(await seenOn(maker, threes), `seen on ${maker.id}`).toEqual(wanted.map(() => 3));
    const { attribution } = await stagesOf(maker, { ...row, target: { class: wanted } }, threes);
    for (const other of ports)
      expect(await seenOn(other, attribution!), `made on ${maker.id}, seen on ${other.id}`).toEqual(wanted);
  }
});
