import { describe, expect, it } from 'vitest';
import type { HostTensor, Stages } from '@touchstone/contract';
import { firstDivergingLayer, firstDivergingMap } from './diagnose.js';
import type { Golden } from '../golden/golden-file.js';
import { compareStages } from './compare-stages.js';
import { everyField } from '../testing/every-field.js';

const tensor = (...data: number[]): HostTensor => ({ shape: [data.length], data: Float64Array.from(data) });
const plus = ({ shape, data }: HostTensor, index: number, by: number): HostTensor => ({
  shape,
  data: data.map((value, i) => (i === index ? value + by : value)),
});

const stages: Stages = { logits: tensor(1, 2), gradient: tensor(3, -4, 1), attribution: tensor(0.5, 1) };
const layer = (module: string, gradient: number | null): Golden['meta']['sketch'][number] => ({
  module,
  call: 0,
  shape: [4],
  indices: [0, 1],
  forward: 2,
  gradient,
});

const golden: Golden = {
  meta: {
    case: 'a/b',
    stages: ['logits', 'gradient', 'attribution'],
    reference: { logits: { e2: 0, eMax: 0 }, gradient: { e2: 0, eMax: 0 }, attribution: { e2: 1e-6, eMax: 1e-6 } },
    margin: { relu: 0, pool: null },
    atRisk: 1,
    flips: [{ module: 'relu', call: 0, index: 0 }],
    torch: '',
    sampled: {},
    claimed: {},
    multiplyAdds: 0,
    sketch: [layer('first', null), layer('middle', 2), { ...layer('last', 2), call: 1 }],
  },
  stages,
  postconditionStages: {},
  perImage: false,
  flips: [{ gradient: tensor(3, 0, 1), attribution: tensor(0.5, 0) }],
  sketch: [
    { forward: tensor(1, 1), gradient: null },
    { forward: tensor(1, -1), gradient: tensor(1, 1) },
    { forward: tensor(0, 2), gradient: tensor(1, 0) },
  ],
};

describe('the comparison', () => {
  it.each([
    ['all agree', stages, 'passed', null, 'logits', /^null$/],
    [
      'the worst stage is named',
      { ...stages, gradient: plus(stages['gradient']!, 0, 1e-6) },
      'passed',
      null,
      'gradient',
      /^null$/,
    ],
    [
      'the first that diverges is named',
      { ...stages, gradient: tensor(3, 4, 1), attribution: tensor(9, 9) },
      'failed',
      'e2',
      'gradient',
      /\(logits agrees\)\n.*got 4.*golden -4/,
    ],
    ['a stage is missing', { attribution: stages['attribution']! }, 'failed', 'stages', 'logits', /no stage "logits"/],
    [
      'a name that is almost a stage is noted where all agree',
      { ...stages, gradientt: tensor(1) },
      'passed',
      null,
      'logits',
      /^stages unknown to the golden were not judged: gradientt \(did you mean gradient\?\)$/,
    ],
    [
      'and where one is missing',
      { logits: stages['logits']!, gradients: tensor(1), extra: tensor(1) },
      'failed',
      'stages',
      'gradient',
      /\nstages unknown .*: gradients \(did you mean gradient\?\), extra$/,
    ],
    [
      'a unit is on the other side of its switch point',
      { ...stages, gradient: tensor(3, 0, 1), attribution: tensor(0.5, 0) },
      'passed',
      null,
      'logits',
      /switch point/,
    ],
  ])('%s', (_, answer, status, check, stage, reason) => {
    const verdict = everyField(compareStages(golden, answer as Stages, 'every stage'));
    expect(verdict).toMatchObject({ status, check, stage });
    expect(String(verdict.reason)).toMatch(reason);
  });

  it('of a port that only gives the attribution uses that', () => {
    expect(compareStages(golden, { attribution: plus(stages['attribution']!, 0, 1e-6) }, [])).toMatchObject({
      status: 'passed',
      stage: 'attribution',
      allowed: 16e-6,
      allowedMax: 64e-6,
    });
    expect(everyField(compareStages(golden, { gradient: stages['gradient']! }, []))).toMatchObject({
      status: 'failed',
      check: 'stages',
      stage: 'attribution',
      ratio: null,
    });
  });
});

describe('the first diverging layer', () => {
  const probes = (index: number, change: Partial<Golden['sketch'][number]>): Golden['sketch'] =>
    golden.sketch.map((probe, i) => (i === index ? { ...probe, ...change } : probe));
  it.each([
    ['nothing differs', golden.sketch, null],
    ['float32 noise', probes(1, { forward: tensor(1.00001, -1) }), null],
    ['an output', probes(1, { forward: tensor(1, -1.01) }), '"middle", its output'],
    [
      'a gradient, from the output backwards',
      probes(1, { gradient: tensor(0, 1) }),
      '"middle", the gradient at its output (its output agrees)',
    ],
    [
      'an output before a gradient',
      probes(2, { gradient: tensor(0, 1), forward: tensor(NaN, 2) }),
      '"last" (call 2), its output',
    ],
    ['no gradient', probes(2, { gradient: null }), '"last" (call 2): no gradient arrives at its output'],
    ['another number of calls', golden.sketch.slice(1), '2 calls of layers, PyTorch makes 3'],
  ])('%s', (_, given, expected) => expect(firstDivergingLayer(golden, given)).toBe(expected));
});

it('the first diverging layer of a port whose answer has the outputs of layers', () => {
  const maps: Stages = { logits: tensor(1, 2), first: tensor(1, 2), 'last#2': tensor(3, 4), attribution: tensor(3, 4) };
  const reference = Object.fromEntries(Object.keys(maps).map((stage) => [stage, { e2: 0, eMax: 0 }]));
  const meta = { ...golden.meta, stages: Object.keys(maps), reference };
  const layerOf = (changed: Stages): string | null =>
    firstDivergingMap({ ...golden, meta, stages: maps, flips: [] }, { ...maps, ...changed }, 'float32');
  expect(layerOf({ logits: tensor(9, 9) })).toBeNull();
  expect(layerOf({ logits: tensor(9, 9), 'last#2': tensor(3, 5) })).toBe('"last" (call 2), its output');
  expect(layerOf({ first: tensor(0, 2), 'last#2': tensor(3, 5) })).toBe('"first", its output');
});
