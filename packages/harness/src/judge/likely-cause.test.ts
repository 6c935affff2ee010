import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { findBackend } from '@touchstone/backends';
import type { HostTensor, Stages } from '@touchstone/contract';
import { CauseSearch, findMethod, mutants, type Explanation } from '@touchstone/methods';
import { loadNetwork } from '@touchstone/network';
import { openGolden } from '../golden/golden-store.js';
import { likelyCause, type LikelyCause } from './likely-cause.js';
import { readNetworkFolder, type ExplainRequest } from '@touchstone/session';
import { Oracle } from './oracle.js';
import { languageNamed } from '../port/port.js';
import { float32 } from '../testing/ask-for-causes.js';
import { classes, linearCase, linearStages, temporaryFolder, writeLinearGolden } from '../testing/linear-golden.js';

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

/** The same request on what counts as another network. */
const other = (ending: string): ExplainRequest => ({ ...request, networkFolder: `${request.networkFolder}${ending}` });

let explanation: Explanation;
/** What the oracle answers, without a process and without its limits. */
let oracle: Pick<Oracle, 'cause'>;
beforeAll(async () => {
  await findBackend('float64').open();
  const { description, weights } = readNetworkFolder(request.networkFolder);
  explanation = { ...request, network: loadNetwork(description, weights) };
  const search = new CauseSearch(findMethod('saliency'), explanation);
  oracle = { cause: (_request, wrong) => search.causeOf(wrong, { most: Infinity }) };
});

const ofSoftmax = new RegExp(
  '^likely cause: gradient of the softmax probability instead of the logit ' +
    String.raw`\(mutant softmax-target reproduces the output to \de-\d+\)$`,
);

const changed = (
  change: (value: number, i: number, all: ArrayLike<number>) => number,
  shape = right.shape,
): HostTensor => ({ shape, data: Float32Array.from(right.data, (value, i) => change(value, i, right.data)) });
/** Where [1,2,3,4] has what [1,2,4,3] has at i. */
const from = (i: number): number => i - (i % 12) + (i % 3) * 4 + Math.floor((i % 12) / 3);

const fine = changed((value) => 1.2345 * value);
const [least, most] = [Math.min(...fine.data), Math.max(...fine.data)];
const unitOfHalf = (value: number): number => 2 ** (Math.floor(Math.log2(Math.abs(value))) - 10);

const mutant = async (id: string): Promise<HostTensor> => {
  const { explain } = mutants.find((known) => known.id === id)!;
  return float32((await explain(findMethod('saliency'), explanation))['attribution']!);
};

const answering = (attribution: HostTensor | undefined): Stages => (attribution === undefined ? {} : { attribution });

describe('the likely cause of an attribution', () => {
  it.each([
    ['that is right', async () => right, /^null$/],
    ['that is missing', async () => undefined, /^null$/],
    ['times a factor', async () => changed((value) => value * -2.5), /^likely cause: off by the constant factor -2.5$/],
    [
      'transposed',
      async () => changed((_, i, all) => all[from(i)]!, [1, 2, 4, 3]),
      /^likely cause: rows and columns exchanged$/,
    ],
    [
      'transposed under the old shape',
      async () => changed((_, i, all) => all[from(i)]!),
      /^likely cause: rows and columns exchanged$/,
    ],
    [
      'in NHWC',
      async () => changed((_, i, all) => all[(i % 2) * 12 + Math.floor(i / 2)]!, [1, 3, 4, 2]),
      /^likely cause: NHWC: channels come last$/,
    ],
    [
      'that is another stage, without its batch',
      async () => ({ shape: [classes], data: linearStages(1)['logits']!.data }),
      /^(likely cause|could be): the network's outputs are returned instead of a map/,
    ],
    ['of the softmax', () => mutant('softmax-target'), ofSoftmax],
    [
      'of nothing but NaN',
      () => mutant('all-nan'),
      /^likely cause: nothing but NaN \(mutant all-nan reproduces the output to the last bit\)$/,
    ],
    ['that no known fault gives', async () => changed((value, i) => value + i), /^null$/],
  ])('%s', async (_, attribution, cause) => {
    const found = await likelyCause(expected, answering(await attribution()), 'attribution', request, oracle);
    expect(String(found?.text ?? null)).toMatch(cause);
  });

  it.each([
    ['half precision', (value: number) => Math.round(value / unitOfHalf(value)) * unitOfHalf(value)],
    ['bytes', (value: number) => Math.floor((255 * (value - least)) / (most - least))],
    ['bytes, what is negative cut off', (value: number) => Math.floor(Math.max((255 * value) / most, 0))],
  ])('stored too coarsely: %s', async (what, store) => {
    const noMutant = { cause: async () => null };
    const stages = { ...expected.stages, attribution: fine };
    const answer = answering({ ...fine, data: fine.data.map(store) });
    const found = await likelyCause({ ...expected, stages }, answer, 'attribution', request, noMutant);
    const [type] = what.split(',');
    expect([found?.fault, found?.remedy]).toEqual([
      expect.stringMatching(`^values .*${type}`),
      expect.stringMatching(/float32/),
    ]);
  });

  it('could be, where few numbers show it', async () => {
    const logits = (change: (value: number) => number): Stages => {
      const { shape, data } = linearStages(1)['logits']!;
      return { logits: { shape, data: Float64Array.from(data, (value, i) => (i < 3 ? change(value) : value)) } };
    };
    const causeHere = (answer: Stages): Promise<LikelyCause | null> =>
      likelyCause(expected, { ...linearStages(1), ...answer }, 'logits', request, oracle);
    expect(await causeHere(logits((value) => value + 1))).toBeNull();
    const nan = { logits: { ...linearStages(1)['logits']!, data: new Float64Array(classes).fill(NaN) } };
    expect((await likelyCause(expected, nan, 'logits', other('/.'), oracle))?.text).toMatch(
      /^likely cause: nothing but NaN/,
    );
    const levels = (factor: number): HostTensor => changed((_, i) => factor * ((i % 5) + 1));
    const few = { ...expected, stages: { ...expected.stages, attribution: levels(1) } };
    expect((await likelyCause(few, answering(levels(2)), 'attribution', request, oracle))?.text).toBe(
      'could be: off by the constant factor 2; only 5 numbers show it',
    );
  });

  it('is not searched with mutants where that takes long; one that is known is tried in every case', async () => {
    const large = { ...other('/./.'), multiplyAdds: 1e12 };
    const nan = await mutant('all-nan');
    const limited = new Oracle({ deadlineMs: 60_000 });
    const found = [];
    try {
      for (const asked of [large, request, request, other('/.'), other('/./././.')])
        found.push((await likelyCause(expected, answering(nan), 'attribution', asked, limited)) !== null);
    } finally {
      limited.stop();
    }
    expect(found).toEqual([false, true, true, true, true]);
  });
});

it.each([
  ['python', 'python'],
  ['Python 3.12', 'python'],
  ['TypeScript', 'javascript'],
  ['Rust', undefined],
])('the remedies for a port in %s are those of %s', (name, language) => {
  expect(languageNamed(name)).toBe(language);
});
