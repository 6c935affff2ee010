/** For the tests of every package that publishes schemas in docs/schemas. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { z } from 'zod';

const folder = new URL('../../../../docs/schemas/', import.meta.url);
const update = 'UPDATE_SCHEMAS=1 npx vitest run schemas.test && npx prettier --write docs/schemas';

/** A test for each: docs/schemas/<name>.schema.json is the JSON Schema of the code. */
export function testPublishedSchemas(schemas: Readonly<Record<string, z.ZodType>>): void {
  it.each(Object.entries(schemas))('docs/schemas/%s.schema.json is up to date', (name, schema) => {
    const path = fileURLToPath(new URL(`${name}.schema.json`, folder));
    const generated = `${JSON.stringify(z.toJSONSchema(schema, { io: 'input' }), null, 2)}\n`;
    if (process.env['UPDATE_SCHEMAS']) writeFileSync(path, generated);
    expect(JSON.parse(readFileSync(path, 'utf8')), `out of date; run: ${update}`).toEqual(JSON.parse(generated));
  });
}
