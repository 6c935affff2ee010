import { CaseRow, parseJsonLines, readSafetensors } from '@touchstone/contract';
import { findBackend } from '@touchstone/backends';
import { loadNetwork, parseNetwork } from '@touchstone/network';
import { beforeAll, describe, expect, test } from 'vitest';
import { drawCorpus, type Corpus } from './corpus.js';
import { combinations } from './features.js';
import { withRows } from '../frozen.js';

const count = 48;
let corpus: Corpus;
beforeAll(async () => {
  await findBackend('float64').open();
  corpus = await drawCorpus({ count, seed: 2 });
});

describe('a corpus', () => {
  test('has the requested number of programs with unique ids, and covers every combination', () => {
    expect(corpus.rows).toHaveLength(count);
    expect(new Set(corpus.rows.map(({ id }) => id)).size).toBe(count);
    expect(corpus.rows[0]).toMatchObject({
      id: 'hooks/random-01/1',
      method: 'hooks',
      network: 'hooks/random-01',
      input: 'hooks/random-01',
      profile: 'quick',
    });
    expect([...corpus.coverage.keys()]).toEqual(combinations);
    expect(Math.min(...corpus.coverage.values())).toBeGreaterThan(0);
  });

  test('has files of networks, and of inputs that fit them', () => {
    for (const name of new Set(corpus.rows.map(({ network }) => network))) {
      const description = parseNetwork(JSON.parse(corpus.files.get(`networks/${name}/network.json`) as string), name);
      const { tensors } = readSafetensors(corpus.files.get(`networks/${name}/weights.safetensors`) as Uint8Array, name);
      loadNetwork(description, tensors).dispose();
      const { x } = readSafetensors(corpus.files.get(`inputs/${name}.safetensors`) as Uint8Array, name).tensors;
      expect(x!.shape.slice(1)).toEqual(description.input.shape);
    }
  });

  test('is the same again for the same seed', async () => {
    expect(await drawCorpus({ count, seed: 2 })).toEqual(corpus);
  });

  test('too small to exercise everything: says what is missing', async () => {
    await expect(drawCorpus({ count: 2, seed: 2 })).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringMatching(/do not exercise .*(global|tensor)/),
    });
  });
});

test('rows replace earlier ones, and leave the others unchanged', () => {
  const other = { ...corpus.rows[0]!, id: 'hooks/worked/1' };
  const before = [other, ...corpus.rows.slice(0, 5)].map((row) => `${JSON.stringify(row)}\n`).join('');
  const after = withRows(before, corpus.rows.slice(0, 2), (id) => id.startsWith('hooks/random-'));
  expect(parseJsonLines(after, CaseRow, 'cases').map(({ id }) => id)).toEqual([
    other.id,
    ...corpus.rows.slice(0, 2).map(({ id }) => id),
  ]);
});
