/** A port that gives only its final map, with two faults or the answer to another question, is told so. */
import { beforeAll, describe, expect, it } from 'vitest';
import { findBackend } from '@touchstone/backends';
import type { HostTensor, Stages } from '@touchstone/contract';
import { CauseSearch, explain, findMethod, mutants, type Explanation } from '@touchstone/methods';
import { requestFor } from '../port/request-for.js';
import { cases, explanationOf, golden } from '../testing/rejections.js';
import { likelyCause, type LikelyCause } from './likely-cause.js';

beforeAll(() => findBackend('float64').open());

/** Each image from its minimum to its maximum. */
const minMax = ({ shape, data }: HostTensor): HostTensor => {
  const size = data.length / shape[0]!;
  const scaled = Float32Array.from(data, (value, i) => {
    const image = data.subarray(i - (i % size), i - (i % size) + size);
    const [least, most] = [Math.min(...image), Math.max(...image)];
    return (value - least) / (most - least);
  });
  return { shape, data: scaled };
};
const float32 = ({ shape, data }: HostTensor): HostTensor => ({ shape, data: Float32Array.from(data) });

describe.each(['saliency/head-flatten/coffee-20x32', 'grad-cam/head-flatten/coffee-20x32'])('on %s', (id) => {
  const row = cases.find((known) => known.id === id)!;
  const method = findMethod(row.method);
  const stored = golden.readCase(row);
  let explanation: Explanation;
  let search: CauseSearch;
  beforeAll(() => {
    explanation = explanationOf(row);
    search = new CauseSearch(method, explanation);
  });

  const causeOf = async (attribution: HostTensor): Promise<LikelyCause | null> => {
    const oracle = {
      cause: (_request: unknown, wrong: Parameters<CauseSearch['causeOf']>[0]) =>
        search.causeOf(wrong, { most: Infinity }),
    };
    return likelyCause(stored.golden, { attribution }, 'attribution', requestFor(row, stored), oracle);
  };
  const faulty = async (mutant: string): Promise<Stages> =>
    mutants.find((known) => known.id === mutant)!.explain(method, explanation);

  const ofSoftmax = {
    saliency: ['softmax-target', /^likely cause: gradient of the softmax probability .*$/],
    'grad-cam': [
      'cam-softmax-target',
      /^could be: .*; only \d+ numbers show it\nor: gradient of the logarithm .* gives the same here\)$/,
    ],
  }[row.method] as [string, RegExp];

  it('names two faults', async () => {
    const { attribution } = await faulty('kernels-flipped');
    const cause = await causeOf(minMax(attribution!));
    expect(cause).toMatchObject({ certain: true, mutants: expect.arrayContaining(['kernels-flipped']) });
    expect(cause!.fault).toMatch(/^kernels are flipped.*, and .*(scaled|divided)/);
    expect(cause!.text).toMatch(/^likely cause: .* reproduce the output to \d/);
    expect(cause!.remedy).toMatch(/^Leave the kernels unflipped.*\. [A-Z].*\.$/);
  });

  it('says all causes that give the same', async () => {
    const [mutant, text] = ofSoftmax;
    expect((await causeOf(float32((await faulty(mutant))['attribution']!)))?.text).toMatch(text);
  });

  it('names another class, and the remedy in the language of the port', async () => {
    const { attribution } = (await explain(method, { ...explanation, target: { class: 2 } })).stages;
    expect(await causeOf(float32(attribution!))).toMatchObject({
      fault: 'class 2 instead of the class that is asked for',
      certain: true,
      remedy: null,
    });
  });
});
