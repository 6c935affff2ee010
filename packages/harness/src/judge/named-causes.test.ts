/** A port with one of these faults, and float32, is told which it is. */
import { beforeAll, describe, expect, it } from 'vitest';
import { findBackend } from '@touchstone/backends';
import type { Stages } from '@touchstone/contract';
import { CauseSearch, findMethod, mutants, type Explanation } from '@touchstone/methods';
import { requestFor } from '../port/request-for.js';
import { everyField } from '../testing/every-field.js';
import { cases, explanationOf, golden } from '../testing/rejections.js';
import { compareStages } from './compare-stages.js';
import { likelyCause } from './likely-cause.js';
import type { Oracle } from './oracle.js';

beforeAll(() => findBackend('float64').open());

const stored = ['weights-float16', 'weights-bfloat16', 'weights-int8', 'weights-uint8'];
const normalised = ['normalised-twice', 'normalised-twice-by-levels', 'not-normalised', 'not-normalised-levels'];
const named: Readonly<Record<string, readonly string[]>> = {
  'saliency/digits/digits': ['class-before', 'class-after', 'kernels-flipped', 'kernels-transposed', ...stored],
  'grad-cam/tiny-vgg/cat-32': [
    'channels-bgr',
    'layer-before',
    'bicubic',
    'cam-min-max',
    'cam-min-max-after-resizing',
    'cam-weights-absolute',
    'cam-gradients-rectified',
    ...normalised,
  ],
  'grad-cam/pool-ceil/batch-17x23': ['cam-weights-of-batch', 'cam-min-max-for-relu', 'cam-normalised-after-resizing'],
  'saliency/batch-norm/batch-32': ['batch-norm-epsilon', 'batch-norm-training', 'same-padding'],
  'grad-cam/pool-before-relu/cat-32': ['max-pool-zero-padding'],
  'deconv/tiny-vgg/cat-32': ['max-pool-not-positive', 'guided-for-deconv', 'deconv-not-replaced'],
  'activations/pool-average/cat-32': ['padding-not-counted', 'padding-counted', 'maps-of-input'],
  'hires-cam/head-flatten/coffee-20x32': [
    'layer-before',
    'hires-bicubic',
    'hires-gradients-rectified',
    'hires-normalised-after-resizing',
  ],
  'smooth-grad/digits/digits': [
    'smooth-noise-repeated',
    'smooth-noise-of-batch',
    'smooth-last-clean',
    'smooth-noise-clipped',
    'smooth-mean-of-batch',
  ],
  'smooth-grad/pool-ceil/cat-17x23': ['smooth-range-of-channels'],
};

const rounded = (stages: Stages): Stages =>
  Object.fromEntries(
    Object.entries(stages).map(([name, { shape, data }]) => [name, { shape, data: Float32Array.from(data) }]),
  );

describe.each(Object.entries(named))('on %s', (id, ids) => {
  const row = cases.find((known) => known.id === id)!;
  const method = findMethod(row.method);
  const { golden: expected, ...rest } = golden.readCase(row);
  const request = requestFor(row, { golden: expected, ...rest });
  let explanation: Explanation;
  let search: CauseSearch;
  beforeAll(() => {
    explanation = explanationOf(row);
    search = new CauseSearch(method, explanation);
  });
  /** What the oracle answers, without a process. */
  const oracle: Pick<Oracle, 'cause'> = { cause: (_request, wrong) => search.causeOf(wrong, { most: Infinity }) };

  it.each(ids)('%s is named', async (mutant) => {
    const wrongly = mutants.find((known) => known.id === mutant)!;
    const answer = rounded(await wrongly.explain(method, explanation));
    const { stage } = everyField(compareStages(expected, answer, 'every stage'));
    expect(stage).not.toBeNull();
    const cause = await likelyCause(expected, answer, stage!, request, oracle);
    expect(cause?.text).toContain(`(mutant ${mutant} reproduces`);
  });
});
