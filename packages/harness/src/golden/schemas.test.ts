/** The published JSON Schema in docs/schemas is that of the code. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { Expectation } from './expectations.js';

const update = 'UPDATE_SCHEMAS=1 npm test -w packages/harness && npx prettier --write docs/schemas';

it('docs/schemas/expectation.schema.json is up to date', () => {
  const path = fileURLToPath(new URL('../../../../docs/schemas/expectation.schema.json', import.meta.url));
  const generated = `${JSON.stringify(z.toJSONSchema(Expectation, { io: 'input' }), null, 2)}\n`;
  if (process.env['UPDATE_SCHEMAS']) writeFileSync(path, generated);
  expect(JSON.parse(readFileSync(path, 'utf8')), `out of date; run: ${update}`).toEqual(JSON.parse(generated));
});
