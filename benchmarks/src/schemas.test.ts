/** The published JSON Schema in docs/schemas is that of the code. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { PublishedRow } from './benchmark.js';

const update = 'UPDATE_SCHEMAS=1 npm test -w benchmarks && npx prettier --write docs/schemas';

it('docs/schemas/bench-row.schema.json is up to date', () => {
  const path = fileURLToPath(new URL('../../docs/schemas/bench-row.schema.json', import.meta.url));
  const generated = `${JSON.stringify(z.toJSONSchema(PublishedRow, { io: 'input' }), null, 2)}\n`;
  if (process.env['UPDATE_SCHEMAS']) writeFileSync(path, generated);
  expect(JSON.parse(readFileSync(path, 'utf8')), `out of date; run: ${update}`).toEqual(JSON.parse(generated));
});
