/** The harness rejects every mutant, by a named check, on real goldens, and accepts the correct method. */
import { beforeAll, describe, expect, it } from 'vitest';
import { findBackend } from '@touchstone/backends';
import type { CaseRow } from '@touchstone/contract';
import { explain, findMethod, mutants } from '@touchstone/methods';
import { cases, rejectionOf, type Run } from '../testing/rejections.js';

beforeAll(() => findBackend('float64').open());

/**
 * These once rested on a single case: mutant → the cases of which two must reject it. tools/harness/mutants.mjs says of
 * every mutant which do.
 */
const twice: Readonly<Record<string, RegExp>> = {
  'relu-open-at-zero': /zero-units/,
  'relu6-mask-open-above': /relu6-depthwise|relu-functional/,
  'depthwise-order': /relu6-depthwise/,
  'divisor-ignored': /zero-units/,
  'cam-first-call': /shared-block|zero-units.*relu$/,
  'sample-variance': /variance$/,
  'root-of-mean-squares': /mean-of-squares$/,
  'gradient-norm-of-batch': /batch-/,
  'step-too-many': /batch-/,
  'sigma-of-batch': /batch-/,
  'max-pool-not-positive': /before-relu|deconv/,
  'max-pool-zero-padding': /before-relu/,
  'padding-not-counted': /pool-average/,
  'padding-counted': /pool-average/,
  'ceil-mode-ignored': /squeezenet1_1-narrow.(cat-58|person)/,
  'display-by-magnitude': /display$/,
  'display-sample-std': /display$|zero-units/,
  'display-unclipped': /display$|zero-units/,
  'display-of-batch': /display$/,
  'display-std-of-batch': /display$/,
  'smooth-display-of-batch': /display$/,
  'hires-signed-maximum': /signed$/,
  'kernels-together': /first$/,
  'kernels-by-channel': /first$/,
  'line-bias-sign': /perceptron/,
  'line-along-normal': /perceptron/,
  'region-upside-down': /perceptron/,
  'joint-softmax': /head-pose/,
};

/** Each mutant of one of its methods, of all in turn; tools/harness/mutants.mjs judges every mutant of every method. */
const pairs = mutants.map((mutant, i) => ({ mutant, id: mutant.of[(i + 1) % mutant.of.length]! }));

describe.each([...new Set(pairs.map(({ id }) => id))])('%s', (id) => {
  const method = findMethod(id);
  const rows = cases.filter((row) => row.method === id);
  const rejecting = new Set<CaseRow>();

  it.each(pairs.filter((pair) => pair.id === id).map(({ mutant }) => [mutant.id, mutant] as const))(
    '%s is rejected',
    async (_name, mutant) => {
      const run: Run = (explained) => mutant.explain(method, explained);
      const among = twice[mutant.id];
      const its = among === undefined ? rows : rows.filter((row) => among.test(row.id));
      // No test of packages/methods rejects a mutant of hook programs.
      const enough = among !== undefined || id === 'hooks' ? 2 : 1;
      const rejected = await rejectionOf(method, its, run, enough, mutant.applies);
      for (const row of rejected.rows) rejecting.add(row);
      console.info(`${mutant.id} of ${id}: ${rejected.plain ?? 'accepted'}`);
      expect(rejected.plain, mutant.fault).toMatch(/^(shape|non-finite|e2|eMax|stages|postcondition) at stage /);
      expect(rejected.sampled, `${mutant.fault}, where goldens keep samples`).toMatch(
        /^(shape|non-finite|e2|eMax|stages|postcondition) at stage /,
      );
    },
  );

  // `npm test` judges the correct method in every quick case, with "touchstone verify".
  it('itself is accepted in the smallest case that rejects a mutant', async () => {
    const smallest = rows.filter((row) => rejecting.has(row)).slice(0, 1);
    const correct: Run = async (explained) => (await explain(method, explained)).stages;
    expect(await rejectionOf(method, smallest, correct, 1)).toEqual({ plain: null, sampled: null, rows: [] });
  });
});
