import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { findGolden, refuseNoGolden } from './find-golden.js';
import { TemporaryFolder } from './temporary-folder.js';

const folder = new TemporaryFolder('touchstone-test-');
afterEach(() => folder.remove());

function install(name: string): void {
  const root = join(folder.path, 'node_modules', name);
  mkdirSync(join(root, 'golden'), { recursive: true });
  writeFileSync(join(root, 'package.json'), '{}');
}

it('of a clone first, then of the whole package, then of the quick one', () => {
  const [clone, project] = [join(folder.path, 'clone'), join(folder.path, 'a', 'project')];
  mkdirSync(project, { recursive: true });
  expect(findGolden(project, clone)).toBe(clone);
  const refuse = () => refuseNoGolden(findGolden(project, clone), clone);
  expect(refuse).toThrow('no goldens are installed');
  install('touchstone-golden');
  expect(findGolden(project, clone)).toBe(join(folder.path, 'node_modules', 'touchstone-golden', 'golden'));
  expect(refuse).not.toThrow();
  install('touchstone-golden-full');
  expect(findGolden(project, clone)).toMatch(/touchstone-golden-full.golden$/);
  mkdirSync(clone);
  expect(findGolden(project, clone)).toBe(clone);
});
