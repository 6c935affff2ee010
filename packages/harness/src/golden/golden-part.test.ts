import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { classes, linearCase, temporaryFolder, writeLinearGolden } from '../testing/linear-golden.js';
import { partFile } from './golden-part.js';
import { openGolden } from './golden-store.js';
import { verifyGolden } from './golden-verify.js';

const [quick, full] = [linearCase(2), linearCase(3)];
const fileOf = (root: string, target: number): string => join(root, `data/${linearCase(target).id}.safetensors`);

/** A folder without what only the cases of odd classes need. */
function quickPart(): string {
  const root = temporaryFolder();
  writeLinearGolden(root);
  for (let target = 1; target < classes; target += 2) rmSync(fileOf(root, target), { force: true });
  writeFileSync(join(root, partFile), '{"profile":"quick"}');
  return root;
}

it('a part lacks other cases, and is not damaged', () => {
  const root = quickPart();
  expect([...verifyGolden(root)]).toEqual([]);
  const store = openGolden(root);
  expect(store.cases).toContainEqual(full);
  expect([store.holdsCase(quick), store.holdsCase(full)]).toEqual([true, false]);
  expect(store.lacksNetwork('linear')).toBe(false);
  const refused = expect.objectContaining({
    code: 'missing-package',
    message: `the case ${full.id} is not installed: touchstone-golden holds what the cases of the profile "quick" need`,
    hint: 'Run "npm install --save-dev touchstone-golden-full", which holds all.',
  });
  expect(() => store.checkCases([quick, full])).toThrow(refused);
  expect(() => store.readGolden(full.id)).toThrow(expect.objectContaining({ code: 'missing-package' }));
  expect(store.readGolden(quick.id).meta.case).toBe(quick.id);
});

it('a quick case that a part lacks is damage', () => {
  const root = quickPart();
  rmSync(fileOf(root, 2));
  expect([...verifyGolden(root)].map(({ problem }) => problem).join()).toContain('which does not exist');
});

it('a folder that does not say that it is a part lacks files', () => {
  const root = quickPart();
  rmSync(join(root, partFile));
  expect(() => openGolden(root)).toThrow(expect.objectContaining({ code: 'golden-damaged' }));
});
