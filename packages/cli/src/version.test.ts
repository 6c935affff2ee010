import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { versionText } from './version.js';

const folder = mkdtempSync(join(tmpdir(), 'touchstone-version-'));
afterAll(() => rmSync(folder, { recursive: true }));

test.each([
  ['{"version": "1.0.0", "software": {"torch": "2.15.0"}}', /^goldens 1\.0\.0, made with PyTorch 2\.15\.0$/m],
  ['{"version": "1.0.0"}', /^goldens 1\.0\.0, made with PyTorch unknown$/m],
  ['{"version": ', /^goldens damaged: .+$/m],
  ['null', /^goldens damaged: .+$/m],
])('a manifest %s: every other version is printed', (manifest, says) => {
  writeFileSync(join(folder, 'manifest.json'), manifest);
  const text = versionText(folder);
  expect(text).toMatch(says);
  expect(text).toMatch(/^touchstone \d.*\nNode\.js \d/);
});
