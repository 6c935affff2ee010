import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll } from 'vitest';
import {
  writeSafetensors,
  type CaseRow,
  type GoldenMeta,
  type HostTensor,
  type NetworkDescription,
} from '@touchstone/contract';
import type { SketchProbes } from '@touchstone/session';
import { sketchTensors } from '../golden/sketch-tensors.js';
import { writeManifest } from '../golden/write-manifest.js';

/** A folder that is removed after the tests of the file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'touchstone-test-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export const classes = 24;
const inputShape = [2, 3, 4] as const;
const pixels = 24;

/** W[c,p], exact in float32. */
const weight = Float32Array.from({ length: classes * pixels }, (_, i) => ((i * 37) % 101) / 64 - 0.75);
const bias = Float32Array.from({ length: classes }, (_, c) => c / 8);
const x = Float32Array.from({ length: pixels }, (_, i) => ((i * 13) % 29) / 16 - 0.5);

const description: NetworkDescription = {
  format: 'touchstone-network',
  version: 1,
  name: 'linear',
  why: 'its gradient is a row of its weights',
  input: { shape: [...inputShape] },
  modules: {
    '': {
      type: 'Sequential',
      inputs: ['x'],
      calls: [
        { name: 'a', module: 'flat', args: ['x'] },
        { name: 'b', module: 'fc', args: ['a'] },
      ],
      output: 'b',
    },
    flat: { type: 'Flatten', attributes: { startDim: 1, endDim: -1 } },
    fc: { type: 'Linear', attributes: { inFeatures: pixels, outFeatures: classes, bias: true } },
  },
};

/** `saliency/linear/x/class-<c>`, in the profile `quick` where c is even. */
export function linearCase(target: number): CaseRow {
  const why = 'the gradient of a linear network is known';
  const profile = target % 2 === 0 ? 'quick' : 'full';
  return {
    id: `saliency/linear/x/class-${target}`,
    method: 'saliency',
    network: 'linear',
    input: 'x',
    target: { class: target },
    params: { reduce: 'none' },
    profile,
    sampled: false,
    about: [],
    why,
  };
}

/** The answer in closed form: logits `Wx + b`, gradient the row of W. */
export function linearStages(target: number): Record<string, HostTensor> {
  const logits = Float64Array.from(bias, (b, c) =>
    x.reduce((sum, value, p) => sum + value * weight[c * pixels + p]!, b),
  );
  const gradient = Float64Array.from(weight.subarray(target * pixels, (target + 1) * pixels));
  const shape = [1, ...inputShape];
  return {
    logits: { shape: [1, classes], data: logits },
    gradient: { shape, data: gradient },
    attribution: { shape, data: gradient },
  };
}

/** A complete golden/ of a linear network, one saliency case per class. */
export function writeLinearGolden(root: string): void {
  const write = (path: string, content: Uint8Array | string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  };
  const rows = Array.from({ length: classes }, (_, c) => linearCase(c));
  write('cases.jsonl', rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  write('networks/linear/network.json', JSON.stringify(description));
  write(
    'networks/linear/weights.safetensors',
    writeSafetensors({
      'fc.weight': { shape: [classes, pixels], data: weight },
      'fc.bias': { shape: [classes], data: bias },
    }),
  );
  write('inputs/x.safetensors', writeSafetensors({ x: { shape: [1, ...inputShape], data: x } }));
  for (const [c, row] of rows.entries()) {
    const stages = linearStages(c);
    write(
      `data/${row.id}.safetensors`,
      writeSafetensors(
        { ...stages, ...sketchTensors(linearSketch(c)) },
        { touchstone: JSON.stringify(metaOf(row.id, c)) },
      ),
    );
  }
  writeManifest(root, 'test');
}

function metaOf(id: string, target: number): GoldenMeta {
  const stages = ['logits', 'gradient', 'attribution'];
  const { logits } = linearStages(target);
  return {
    case: id,
    stages,
    reference: Object.fromEntries(stages.map((stage) => [stage, { e2: 0, eMax: 0 }])),
    margin: { relu: null, pool: null },
    atRisk: 0,
    flips: [],
    sketch: [
      {
        module: 'flat',
        call: 0,
        shape: [pixels],
        indices: [0, 5],
        forward: norm(x),
        gradient: norm(linearStages(target).gradient!.data),
      },
      { module: 'fc', call: 0, shape: [classes], indices: [0, target], forward: norm(logits!.data), gradient: 1 },
    ],
    torch: 'none: closed form',
    sampled: {},
    claimed: {},
    multiplyAdds: 0,
  };
}

export function linearSketch(target: number): SketchProbes[] {
  const { logits, gradient } = linearStages(target);
  const probes = (data: ArrayLike<number>, indices: number[]): HostTensor => ({
    shape: [2],
    data: Float64Array.from(indices, (i) => data[i]!),
  });
  const oneHot = Array.from({ length: classes }, (_, c) => (c === target ? 1 : 0));
  return [
    { forward: probes(x, [0, 5]), gradient: probes(gradient!.data, [0, 5]) },
    { forward: probes(logits!.data, [0, target]), gradient: probes(oneHot, [0, target]) },
  ];
}

function norm(data: Float32Array | Float64Array): number {
  return Math.hypot(...data);
}
