/** The published JSON Schemas in docs/schemas are those of the code. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { CaseRow, GoldenMeta, Manifest, NetworkDescription, ResultLine } from './domain/index.js';

const folder = fileURLToPath(new URL('../../../docs/schemas/', import.meta.url));
const update = 'UPDATE_SCHEMAS=1 npm test -w packages/contract && npx prettier --write docs/schemas';

it.each([
  ['results-line', ResultLine],
  ['network', NetworkDescription],
  ['case', CaseRow],
  ['golden', GoldenMeta],
  ['manifest', Manifest],
] as [string, z.ZodType][])('docs/schemas/%s.schema.json is up to date', (name, schema) => {
  const path = `${folder}${name}.schema.json`;
  const generated = z.toJSONSchema(schema, { io: 'input' });
  if (process.env['UPDATE_SCHEMAS']) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(path, `${JSON.stringify(generated, null, 2)}\n`);
  }
  expect(JSON.parse(readFileSync(path, 'utf8')), `out of date; run: ${update}`).toEqual(
    JSON.parse(JSON.stringify(generated)),
  );
});
