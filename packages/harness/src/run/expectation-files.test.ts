import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../testing/linear-golden.js';
import { expectationFiles } from './open-ports.js';

const folder = temporaryFolder();
const own = join(folder, 'expectations.jsonc');
const other = join(folder, 'other.jsonc');
writeFileSync(own, '[]');
writeFileSync(other, '[] // none');

it('known failures are in golden/, and next to the module or where it is said', () => {
  const names = (choice: Parameters<typeof expectationFiles>[1]): unknown =>
    expectationFiles('nowhere', choice).map(({ name, isOfPort }) => [name, isOfPort]);
  const golden = ['expectations.jsonc', false];
  expect(names({})).toEqual([golden]);
  expect(names({ port: join(folder, 'port.mjs') })).toEqual([golden, [own, true]]);
  expect(names({ port: join(folder, 'port.mjs'), expectations: other })).toEqual([golden, [other, true]]);
  expect(names({ port: 'elsewhere.mjs' })).toEqual([golden]);
  expect(names({ port: `cmd:node ${folder}/port.mjs` })).toEqual([golden]);
  expect(names({ outputs: folder, expectations: other })).toEqual([golden, [other, true]]);
});

it.each([
  ['of our own backends', { expectations: other }, 'usage', '--expectations needs --port or --outputs'],
  ['that are not there', { port: 'p.mjs', expectations: 'no.jsonc' }, 'bad-input', 'no.jsonc: no such file'],
])('known failures %s are an error', (_, choice, code, message) =>
  expect(() => expectationFiles('nowhere', choice)).toThrowError(expect.objectContaining({ code, message })),
);
