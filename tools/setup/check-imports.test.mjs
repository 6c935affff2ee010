import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { violations } from './check-imports.mjs';

const root = mkdtempSync(join(tmpdir(), 'touchstone-imports-'));
after(() => rmSync(root, { recursive: true }));

/** The findings in a workspace with this file in this package. */
function foundIn(name, text, file = 'src/a.ts') {
  rmSync(root, { recursive: true });
  for (const each of new Set(['methods', name])) {
    const folder = ['benchmarks', 'examples'].includes(each) ? join(root, each) : join(root, 'packages', each);
    mkdirSync(join(folder, 'src/deep'), { recursive: true });
    const names = ['contract', 'network', 'methods', 'backends', 'harness', 'report'];
    writeFileSync(
      join(folder, 'package.json'),
      JSON.stringify({ dependencies: Object.fromEntries(names.map((n) => [`@touchstone/${n}`, '1'])) }),
    );
    if (each === name) writeFileSync(join(folder, file), text);
  }
  return violations(root);
}

const wrong = [
  ['contract', `import { x } from '@touchstone/network';`, /contract must not import network/],
  ['contract', `import * as tf from '@tensorflow/tfjs-core';`, /must not import TF\.js/],
  ['network', `export * from "@touchstone/methods";`, /network must not import methods/],
  ['methods', `import '@touchstone/backends';`, /methods must not import backends/],
  ['methods', `const { cpu } = await import('@touchstone/backends');`, /methods must not import backends/],
  [
    'methods',
    `import type { Backend } from '@touchstone/backends';`,
    /methods must not import backends/,
    'src/a.test.ts',
  ],
  ['methods', `import '@tensorflow/tfjs-backend-cpu';`, /tfjs-core only/],
  ['backends', `vi.mock('@touchstone/methods');`, /backends must not import methods/],
  ['laws', `import { run } from '@touchstone/harness';`, /laws must not import harness/],
  ['harness', `import { table } from '@touchstone/report';`, /harness must not import report/],
  ['report', `import { x } from '@touchstone/contract/dist/domain.js';`, /reaches inside @touchstone\/contract/],
  ['report', `import { x } from '../../contract/src/domain.js';`, /leaves the package/],
  ['harness', `const tf = require('@tensorflow/tfjs');`, /tfjs-core only/],
  ['benchmarks', `import { x } from '@touchstone/cli';`, /benchmarks must not import cli/],
  ['examples', `import { x } from '@touchstone/report';`, /examples must not import report/],
  ['cli', `import { x } from '@touchstone/benchmarks';`, /not among the dependencies/],
];
for (const [name, text, reason, file] of wrong) {
  test(`${name} with ${text}`, () => {
    const found = foundIn(name, `// one line above\n${text}\n`, file);
    assert.equal(found.length, 1);
    assert.match(found[0].reason, reason);
    assert.deepEqual([found[0].line, found[0].text], [2, text]);
  });
}

test('an import over several lines is found at the line that names the module', () => {
  assert.equal(foundIn('methods', `import {\n  a,\n} from '@touchstone/backends';\n`)[0]?.line, 3);
});

test('allowed imports pass', () => {
  const allowed = `import { a } from '@touchstone/contract';
import { b } from './b.js';
import z from 'zod';
 * from '@touchstone/cli'
`;
  assert.deepEqual(foundIn('harness', allowed), []);
});

test('a test may use a TF.js backend', () => {
  assert.deepEqual(foundIn('methods', `import '@tensorflow/tfjs-backend-cpu';\n`, 'src/a.test.ts'), []);
});

test('a package without a row in the table is an error', () => {
  assert.throws(() => foundIn('unheard-of', ''), /packages\/unheard-of has no row/);
});
