/** What export_network may write can be read: tools/python/tests/test_limits.py judges the same rows. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { opAttributes, type OpName } from './index.js';

const rows = JSON.parse(
  readFileSync(new URL('../../../../../tools/python/tests/limits.json', import.meta.url), 'utf8'),
) as { op: OpName; fits: unknown; misfit: unknown }[];

it.each(rows)('$op takes $fits and not $misfit', ({ op, fits, misfit }) => {
  expect(opAttributes[op].safeParse(fits).success).toBe(true);
  expect(opAttributes[op].safeParse(misfit).success).toBe(false);
});
