import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findBackend } from '@touchstone/backends';
import type { HostTensor, Stages } from '@touchstone/contract';
import { findMethod, mutants } from '@touchstone/methods';
import { loadNetwork } from '@touchstone/network';
import { openGolden } from '../golden/golden-store.js';
import { likelyCause } from './likely-cause.js';
import { readNetworkFolder, type ExplainRequest } from '@touchstone/session';
import { Oracle } from './oracle.js';
import { linearCase, linearStages, temporaryFolder, writeLinearGolden } from '../testing/linear-golden.js';

const root = join(temporaryFolder(), 'golden');
writeLinearGolden(root);
const golden = openGolden(root);
const row = linearCase(1);
const expected = golden.readGolden(row.id);
const right = linearStages(1)['attribution']!;
const request: ExplainRequest = {
  method: row.method,
  target: row.target,
  networkFolder: golden.networkFolder('linear'),
  x: golden.readInput('x'),
  fixtures: {},
  params: row.params,
  maxValues: 1000,
};

let oracle: Oracle;
beforeAll(async () => {
  await findBackend('cpu').open();
  oracle = new Oracle({ deadlineMs: 60_000 });
});
afterAll(() => oracle.stop());

const ofSoftmax = new RegExp(
  '^gradient of the softmax probability instead of the logit ' +
    String.raw`\(mutant softmax-target reproduces the output to \de-\d+\)$`,
);

const changed = (
  change: (value: number, i: number, all: ArrayLike<number>) => number,
  shape = right.shape,
): HostTensor => ({ shape, data: Float32Array.from(right.data, (value, i) => change(value, i, right.data)) });
/** Where [1,2,3,4] has what [1,2,4,3] has at i. */
const from = (i: number): number => i - (i % 12) + (i % 3) * 4 + Math.floor((i % 12) / 3);

const mutant = async (id: string): Promise<HostTensor> => {
  const { description, weights } = readNetworkFolder(request.networkFolder);
  const stages = await mutants
    .find((known) => known.id === id)!
    .explain(findMethod('saliency'), {
      network: loadNetwork(description, weights),
      x: request.x,
      target: row.target,
      params: row.params,
      fixtures: {},
    });
  return stages['attribution']!;
};

const answering = (attribution: HostTensor | undefined): Stages => (attribution === undefined ? {} : { attribution });

describe('the likely cause of an attribution', () => {
  it.each([
    ['that is right', async () => right, /^null$/],
    ['that is missing', async () => undefined, /^null$/],
    ['times a factor', async () => changed((value) => value * -2.5), /^off by the constant factor -2.5$/],
    ['transposed', async () => changed((_, i, all) => all[from(i)]!, [1, 2, 4, 3]), /^rows and columns exchanged$/],
    [
      'transposed under the old shape',
      async () => changed((_, i, all) => all[from(i)]!),
      /^rows and columns exchanged$/,
    ],
    ['of the softmax', () => mutant('softmax-target'), ofSoftmax],
    [
      'of nothing but NaN',
      () => mutant('all-nan'),
      /^nothing but NaN \(mutant all-nan reproduces the output to the last bit\)$/,
    ],
    ['that no known fault gives', async () => changed((value, i) => value + i), /^null$/],
  ])('%s', async (_, attribution, cause) => {
    expect(String(await likelyCause(expected, answering(await attribution()), 'attribution', request, oracle))).toMatch(
      cause,
    );
  });

  it('is not searched with mutants where the input is large, nor without a limit', async () => {
    const large = { ...request, x: { shape: [1, 1, 1, 50_001], data: new Float32Array(50_001) } };
    const nan = await mutant('all-nan');
    expect(await likelyCause(expected, answering(nan), 'attribution', large, oracle)).toBeNull();
    const fresh = new Oracle({ deadlineMs: 60_000 });
    const found = [];
    try {
      for (let i = 0; i < 6; i++)
        found.push((await likelyCause(expected, answering(nan), 'attribution', request, fresh)) !== null);
    } finally {
      fresh.stop();
    }
    expect(found).toEqual([true, true, true, true, true, false]);
  });
});
