import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  writeSafetensors,
  type CaseRow,
  type GoldenMeta,
  type HostTensor,
  type NetworkDescription,
  type Stages,
} from '@touchstone/contract';
import { writeManifest } from '../golden/write-manifest.js';

/** Rounded away when added to 1 in float32: a pre-activation of 2⁻³⁰ in float64 is 0 there. */
const little = 2 ** -30;

const why = 'one unit is on the other side of its switch point in float32';
const row = (id: string, method: string, network: string): CaseRow => ({
  id,
  method,
  network,
  input: network,
  target: { class: 0 },
  params: { reduce: 'none' },
  profile: 'quick',
  sampled: false,
  about: [],
  why,
});
export const saliencyAtSwitch = row('saliency/switching/x', 'saliency', 'switching');
export const guidedAtSwitch = row('guided-backprop/switching/x', 'guided-backprop', 'switching');
export const poolAtSwitch = row('saliency/switching-pool/x', 'saliency', 'switching-pool');
/**
 * The same, but its golden stores an answer for each of two units at risk, without the unit that float32 has on the
 * other side.
 */
export const storedFlips = row('saliency/switching/x/stored', 'saliency', 'switching');
/** The same as `saliencyAtSwitch`, but its golden lists no unit at risk. */
export const notAtRisk = row('saliency/switching/x/safe', 'saliency', 'switching');
const rows = [saliencyAtSwitch, guidedAtSwitch, poolAtSwitch, storedFlips, notAtRisk];

// switching: x → a = Ax → u = Ba + d → ReLU → logits = Cv, with u₀ = a₀ − 1 and a₀ = 1 + 2⁻³⁰.
const x = [1, little, 0.5, -0.25, 2, 0.75];
const A = [
  [1, 1, 0, 0, 0, 0],
  [0, 1, 0, 0, 0, 0],
  [0, 0, 1, 0, 0, 0],
  [0, 0, 0, 1, 0, 0],
  [0, 0, 0, 0, 1, 0],
  [0, 0, 0, 0, 0, 1],
];
const B = [
  [1, 0, 0, 0, 0, 0],
  [0, 0, 1, 2, 0.5, 0],
  [0, 0, -1, 0, -1, 0.5],
  [0.5, 0, 0, -1, 0, 1],
];
const d = [-1, 0, 0, 0];
const C = [
  [0.0625, 1, 2, -1.5],
  [1, -1, 0.5, 0.25],
];

const product = (m: number[][], v: number[]): number[] =>
  m.map((line) => line.reduce((sum, value, i) => sum + value * v[i]!, 0));
const transposed = (m: number[][]): number[][] => m[0]!.map((_, i) => m.map((line) => line[i]!));

/** In closed form, in float64. */
function switchStages(relu: (R: number, u: number) => number): Stages {
  const u = product(B, product(A, x)).map((value, i) => value + d[i]!);
  const logits = product(
    C,
    u.map((value) => Math.max(0, value)),
  );
  const gradient = product(
    transposed(A),
    product(
      transposed(B),
      C[0]!.map((R, i) => relu(R, u[i]!)),
    ),
  );
  const g = tensor([1, 1, 2, 3], gradient);
  return { logits: tensor([1, 2], logits), gradient: g, attribution: g };
}

// switching-pool: x → x + 1 → the maxima of two 2×2 windows → logits; the first window's lead is 2⁻³⁰, the second has a
// tie.
const poolX = [0, little, 3, 3, -1, -2, 0, 2];
const poolStages: Stages = (() => {
  const g = tensor([1, 1, 2, 4], [0, 0.0625, 2, 0, 0, 0, 0, 0]);
  return { logits: tensor([1, 1], [0.0625 * (1 + little) + 2 * 4]), gradient: g, attribution: g };
})();

function tensor(shape: number[], data: number[]): HostTensor {
  return { shape, data: Float64Array.from(data) };
}

const linear = (matrix: number[][], bias: boolean): { type: string; attributes: Record<string, unknown> } => ({
  type: 'Linear',
  attributes: { inFeatures: matrix[0]!.length, outFeatures: matrix.length, bias },
});

function describe(
  name: string,
  shape: [number, number, number],
  leaves: NetworkDescription['modules'],
): NetworkDescription {
  const calls = Object.keys(leaves).map((module, i) => ({ name: `v${i + 1}`, module, args: [`v${i}`] }));
  const modules = { '': { type: 'Sequential', inputs: ['v0'], calls, output: `v${calls.length}` }, ...leaves };
  return { format: 'touchstone-network', version: 1, name, why, input: { shape }, modules };
}

const flat = { type: 'Flatten', attributes: { startDim: 1, endDim: -1 } };
const conv = {
  inChannels: 1,
  outChannels: 1,
  kernelSize: [1, 1],
  stride: [1, 1],
  padding: [0, 0],
  dilation: [1, 1],
  groups: 1,
  bias: true,
};
const pool = { kernelSize: [2, 2], stride: [2, 2], padding: [0, 0], dilation: [1, 1], ceilMode: false };

type Write = (path: string, content: Uint8Array | string) => void;

/** A complete golden/ of networks with a unit at a switch point, whose alternative answers are not stored. */
export function writeSwitchGolden(root: string): void {
  const write: Write = (path, content) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  };
  writeNetworks(write);
  write('inputs/switching.safetensors', float32({ x: [[1, 1, 2, 3], x] }));
  write('inputs/switching-pool.safetensors', float32({ x: [[1, 1, 2, 4], poolX] }));
  write('cases.jsonl', rows.map((each) => `${JSON.stringify(each)}\n`).join(''));
  writeGoldens(write);
  writeManifest(root, 'test');
}

const float32 = (values: Record<string, [number[], number[]]>): Uint8Array =>
  writeSafetensors(
    Object.fromEntries(
      Object.entries(values).map(([name, [shape, data]]) => [name, { shape, data: Float32Array.from(data) }]),
    ),
  );

function writeNetworks(write: Write): void {
  const switching = describe('switching', [1, 2, 3], {
    flat,
    a: linear(A, false),
    b: linear(B, true),
    relu: { type: 'ReLU', attributes: { inplace: false } },
    c: linear(C, false),
  });
  write('networks/switching/network.json', JSON.stringify(switching));
  write(
    'networks/switching/weights.safetensors',
    float32({
      'a.weight': [[6, 6], A.flat()],
      'b.weight': [[4, 6], B.flat()],
      'b.bias': [[4], d],
      'c.weight': [[2, 4], C.flat()],
    }),
  );
  const switchingPool = describe('switching-pool', [1, 2, 4], {
    conv: { type: 'Conv2d', attributes: conv },
    pool: { type: 'MaxPool2d', attributes: pool },
    flat,
    fc: linear([[0.0625, 2]], false),
  });
  write('networks/switching-pool/network.json', JSON.stringify(switchingPool));
  write(
    'networks/switching-pool/weights.safetensors',
    float32({
      'conv.weight': [[1, 1, 1, 1], [1]],
      'conv.bias': [[1], [1]],
      'fc.weight': [
        [1, 2],
        [0.0625, 2],
      ],
    }),
  );
}

function writeGoldens(write: Write): void {
  const plain = switchStages((R, u) => (u > 0 ? R : 0));
  const guided = switchStages((R, u) => (u > 0 ? Math.max(0, R) : 0));
  for (const { id, method, network } of rows) {
    const stages = network === 'switching-pool' ? poolStages : method === 'saliency' ? plain : guided;
    const flips = id === storedFlips.id ? otherGradients(stages['gradient']!) : {};
    const meta = metaOf(id, id === notAtRisk.id ? 0 : 1, Object.keys(flips).length);
    write(`data/${id}.safetensors`, writeSafetensors({ ...stages, ...flips }, { touchstone: JSON.stringify(meta) }));
  }
}

/** Two stored alternatives, neither of which any engine gives. */
function otherGradients({ shape, data }: HostTensor): Stages {
  const moved = (by: number): HostTensor =>
    tensor(
      [...shape],
      Array.from(data, (value) => value + by),
    );
  return { 'flip/0/gradient': moved(1), 'flip/1/gradient': moved(2) };
}

function metaOf(id: string, atRisk: number, stored: number): GoldenMeta {
  const stages = ['logits', 'gradient', 'attribution'];
  const reference = Object.fromEntries(stages.map((stage) => [stage, { e2: 0, eMax: 0 }]));
  return {
    case: id,
    stages,
    reference,
    margin: { relu: little, pool: null },
    atRisk: Math.max(atRisk, stored),
    flips: Array.from({ length: stored }, (_, index) => ({ module: 'relu', call: 0, index: index + 1 })),
    sketch: [],
    torch: 'none: closed form',
    sampled: {},
    claimed: {},
    multiplyAdds: 0,
  };
}
