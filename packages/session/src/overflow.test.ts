/** Overflow inside a network: the answer has NaN where PyTorch's float32 has it, on backends whose kernels lose it. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findBackend } from '@touchstone/backends';
import { writeSafetensors, type HostTensor } from '@touchstone/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openChildSession } from './open-session.js';
import type { Answered } from './request.js';
import type { Session } from './session.js';

const tensor = (shape: number[], data: number[]): HostTensor => ({ shape, data: Float32Array.from(data) });
const leaf = (type: string, attributes: object) => ({ type, attributes });
const window = { stride: [1, 1], padding: [0, 0], dilation: [1, 1] };
const convolution = (inChannels: number, outChannels: number, groups = 1) =>
  leaf('Conv2d', { ...window, inChannels, outChannels, kernelSize: [1, 1], groups, bias: true });
const maxPool = (stride: number, dilation: number) =>
  leaf('MaxPool2d', {
    ...window,
    kernelSize: [2, 2],
    stride: [stride, stride],
    dilation: [dilation, dilation],
    ceilMode: false,
  });
const relu = leaf('ReLU', { inplace: false });

/** x·3e38 in two channels, which overflows at 10 only, and then their difference: ∞ − ∞ at 10, 0 elsewhere. */
const difference = { big: convolution(1, 2), positive: relu, difference: convolution(2, 1) };
const weights = {
  'big.weight': tensor([2, 1, 1, 1], [3e38, 3e38]),
  'big.bias': tensor([2], [0, 0]),
  'difference.weight': tensor([1, 2, 1, 1], [1, -1]),
  'difference.bias': tensor([1], [0]),
};
const depthwise = { 'last.weight': tensor([1, 1, 1, 1], [1]), 'last.bias': tensor([1], [0]) };
const flatten = leaf('Flatten', { startDim: 1, endDim: -1 });
const lost = [0, NaN, 0, 0];

const table = [
  { name: 'relu', leaves: { relu }, logits: lost },
  { name: 'relu6', leaves: { relu6: leaf('ReLU6', { inplace: false }) }, logits: lost },
  { name: 'in-place', leaves: { identity: leaf('Identity', {}), relu: leaf('ReLU', { inplace: true }) }, logits: lost },
  { name: 'second-convolution', leaves: { last: convolution(1, 1), relu }, more: depthwise, logits: lost },
  { name: 'max-pool', leaves: { pool: maxPool(2, 1) }, logits: [NaN] },
  { name: 'dilated-max-pool', x: [-1, 1, 1, 1, 1, 1, 1, 1, 10], leaves: { pool: maxPool(1, 2) }, logits: [NaN] },
];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'touchstone-overflow-'));
  for (const { name, x = [1, 1, 1, 1], leaves, more } of table) {
    const modules = { ...difference, ...leaves, flatten };
    const names = Object.keys(modules);
    const calls = names.map((module, i) => ({ name: `v${i + 1}`, module, args: [`v${i}`] }));
    const root = { type: 'Sequential', inputs: ['v0'], calls, output: `v${names.length}` };
    const size = Math.sqrt(x.length);
    const network = {
      format: 'touchstone-network',
      version: 1,
      name,
      why: 'overflow',
      input: { shape: [1, size, size] },
    };
    mkdirSync(join(folder, name));
    writeFileSync(
      join(folder, name, 'network.json'),
      JSON.stringify({ ...network, modules: { '': root, ...modules } }),
    );
    writeFileSync(join(folder, name, 'weights.safetensors'), writeSafetensors({ ...weights, ...more }));
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

describe.each(['cpu', 'wasm', 'tensorflow'])('on %s', async (backend) => {
  const { status } = await findBackend(backend).probe();
  let session: Session;
  beforeAll(async () => {
    if (status === 'available') session = await openChildSession({ backend });
  });
  afterAll(() => session?.close());

  async function explain(name: string, values: number[], method = 'saliency', params = {}): Promise<Answered> {
    const size = Math.sqrt(values.length);
    const answer = await session.explain({
      method,
      networkFolder: join(folder, name),
      x: tensor([1, 1, size, size], values),
      target: { class: 0 },
      params,
      fixtures: {},
      stages: ['attribution'],
      wantLogits: true,
      maxValues: 100,
    });
    if (answer.kind !== 'answered') throw new Error(answer.reason);
    return answer;
  }

  describe.skipIf(status !== 'available')('with the backend there', () => {
    it.each(table)(
      '$name: NaN reaches the logits, and the answer says so',
      async ({ name, x = [-1, 10, -1, -1], logits }) => {
        const answer = await explain(name, x);
        expect(Array.from(answer.logits!.data)).toEqual(logits);
        expect(answer.nonFinite).toContain('logits');
        expect(answer.leaked).toBe(0);
      },
    );

    it('large numbers that do not overflow are nothing special', async () => {
      const answer = await explain('relu', [-1, 1, 0.5, 1]);
      expect(answer).toMatchObject({ nonFinite: [], stages: { attribution: { data: Float32Array.of(0, 0, 0, 0) } } });
    });

    it('Grad-CAM shows NaN where the layer has it', async () => {
      const { stages } = await explain('second-convolution', [-1, 10, -1, -1], 'grad-cam', { layer: 'last' });
      expect(stages.attribution!.data.every(Number.isNaN)).toBe(true);
    });
  });
});
