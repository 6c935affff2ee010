import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { optionalPackages } from '@touchstone/contract';
import { expect, it } from 'vitest';
import { TemporaryFolder } from '@touchstone/system';
import { lackingPackages } from './optional-packages.js';

it('docs/backends.md installs the versions for which Touchstone is made', () => {
  const text = readFileSync(new URL('../../../docs/backends.md', import.meta.url), 'utf8');
  for (const name of ['playwright-core', 'webgpu', '@tensorflow/tfjs-backend-webgpu'] as const)
    expect(text).toMatch(new RegExp(`npm install --save-dev [^\`]*${name}@${optionalPackages[name][0]}[ \`]`));
});

it('names what is installed neither next to a file nor above it', () => {
  const folder = new TemporaryFolder('touchstone-test-');
  const install = (...path: string[]): void => {
    mkdirSync(join(folder.path, ...path), { recursive: true });
    writeFileSync(join(folder.path, ...path, 'package.json'), '{}');
  };
  try {
    install('node_modules', 'sharp');
    install('a', 'node_modules', '@tensorflow', 'tfjs');
    const names = lackingPackages(join(folder.path, 'a', 'b', 'file.js')).map(({ name }) => name);
    expect(names).not.toContain('sharp');
    expect(names).not.toContain('@tensorflow/tfjs');
    expect(names).toContain('webgpu');
    expect(lackingPackages(join(folder.path, 'file.js'))).toContainEqual({
      name: 'fast-check',
      for: 'laws and fuzzing',
      install: 'npm install --save-dev fast-check@4.10.2',
    });
  } finally {
    folder.remove();
  }
  expect(lackingPackages()).toEqual([]);
});
