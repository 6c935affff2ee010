/** What is printed runs as it is: Python compiles, and the TypeScript gives the scene's numbers. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { printMethodInPython, printMethodInTypeScript } from './print.js';
import { methodScenes } from './scene.js';

const scenes = fc.sample(methodScenes, { seed: 3, numRuns: 60 });
const python = ['python3', 'python'].find((command) => spawnSync(command, ['--version']).status === 0);

/** Below the package, where its imports are found. */
let folder: string;
beforeAll(() => {
  const dist = fileURLToPath(new URL('../../dist/', import.meta.url));
  mkdirSync(dist, { recursive: true });
  folder = mkdtempSync(join(dist, 'print-test-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe.skipIf(python === undefined)('60 random scenes', () => {
  test('compile in Python', () => {
    const files = scenes.map((scene, i) => {
      const file = join(folder, `scene${i}.py`);
      writeFileSync(file, printMethodInPython(scene));
      return file;
    });
    const { status, stderr } = spawnSync(python!, ['-m', 'py_compile', ...files], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});

test('the TypeScript prints every stage', () => {
  const scene = scenes.find(({ method }) => method === 'smooth-grad')!;
  const file = join(folder, 'scene.mjs');
  writeFileSync(file, printMethodInTypeScript(scene, 'cpu')); // it has no types
  const { status, stdout, stderr } = spawnSync(process.execPath, [file], { encoding: 'utf8' });
  expect({ status, stderr }).toMatchObject({ status: 0 });
  expect(stdout).toMatch(/^logits \S+\nsigma \S+\naverage \S+\n(display \S+\n)?attribution \S+\n$/m);
});
