import type { Errors, HostTensor } from '../domain/index.js';
import { judgeStage, type Judgement } from './judge-stage.js';
import { allowance, type Tier } from './tolerance.js';
import { unravelIndex, sameShape, sample, type Sampling } from '../tensor/sampling.js';

/**
 * `judgeStage` for a sampled stage: `actual` is whole, `golden` and `alternatives` are samples. The shape of `actual`
 * must be that of the whole stage, and all its values finite, as goldens are; distances are measured on the sample.
 * Indices refer to the whole stage.
 */
export function judgeSample(
  actual: HostTensor,
  golden: HostTensor,
  reference: Errors,
  alternatives: readonly HostTensor[],
  sampling: Sampling,
  tier: Tier = 'float32',
): Judgement {
  const { shape, every } = sampling;
  const shapes = { got: actual.shape, golden: shape };
  const immeasurable = {
    e2: Infinity,
    eMax: Infinity,
    allowed: allowance(reference, tier),
    ratio: Infinity,
    flips: [],
  };
  if (!sameShape(actual.shape, shape)) {
    const total = golden.data.length;
    return {
      ...immeasurable,
      check: 'shape',
      mismatch: { shape: shapes, differing: total, total, worst: null, elementAllowed: 0 },
    };
  }
  const first = actual.data.findIndex((value) => !Number.isFinite(value));
  if (first >= 0) {
    const worst = {
      index: unravelIndex(first, shape),
      got: actual.data[first]!,
      golden: first % every === 0 ? golden.data[first / every]! : null,
    };
    let differing = 0;
    for (const value of actual.data) if (!Number.isFinite(value)) differing++;
    return {
      ...immeasurable,
      check: 'non-finite',
      mismatch: { shape: shapes, differing, total: actual.data.length, worst, elementAllowed: 0 },
    };
  }
  const judgement = judgeStage(sample(actual, sampling), golden, reference, alternatives, tier);
  if (judgement.mismatch === null) return judgement;
  const { worst } = judgement.mismatch;
  const whole = worst && { ...worst, index: unravelIndex(worst.index[0]! * every, shape) };
  return {
    ...judgement,
    mismatch: { ...judgement.mismatch, shape: shapes, worst: whole, sampledFrom: actual.data.length },
  };
}
