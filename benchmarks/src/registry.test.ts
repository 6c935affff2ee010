import { fileURLToPath } from 'node:url';
import { openGolden } from '@touchstone/harness';
import { methods } from '@touchstone/methods';
import { expect, it } from 'vitest';
import { quickCase } from './methods/quick-case.js';
import { benchmarks, findBenchmark } from './registry.js';

it('ids are unique', () => {
  expect(new Set(benchmarks.map(({ id }) => id)).size).toBe(benchmarks.length);
});

it('names the nearest benchmark', () => {
  expect(findBenchmark('conv-gradient').id).toBe('conv-gradient');
  expect(() => findBenchmark('conv-gradients')).toThrow(
    expect.objectContaining({ code: 'unknown-name', hint: expect.stringContaining('"conv-gradient"') as string }),
  );
});

const { cases } = openGolden(fileURLToPath(new URL('../../golden', import.meta.url)));

it.each(methods.map(({ id }) => id))('%s has a benchmark, and a quick case for it', (id) => {
  expect(findBenchmark(id).id).toBe(id);
  expect(quickCase(cases, id)).toMatchObject({ method: id, profile: 'quick' });
});

it('a method without a quick case says what to do', () => {
  expect(() => quickCase(cases, 'occlusion')).toThrow(
    expect.objectContaining({ code: 'unsupported', message: expect.stringContaining('occlusion') as string }),
  );
});
