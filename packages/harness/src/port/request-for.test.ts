import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { openGolden } from '../golden/golden-store.js';
import { allParams } from './request-for.js';

it('names the layer in every case of a method that takes one, though few cases do', () => {
  const golden = openGolden(fileURLToPath(new URL('../../../../golden', import.meta.url)));
  const rows = golden.cases.filter(({ method }) => ['cam', 'grad-cam', 'hires-cam', 'parameters'].includes(method));
  expect(rows.some(({ params }) => params['layer'] == null)).toBe(true);
  for (const row of rows) {
    const { layer, linear = '' } = allParams(row, golden.readNetwork(row.network), golden.readInput(row.input).shape);
    expect([typeof layer, typeof linear], row.id).toEqual(['string', 'string']);
  }
});
