import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { loadOptional, missingPackage, optionalPackages, type OptionalPackage } from './optional-package.js';

const root = new URL('../../../', import.meta.url);
const folders = [...readdirSync(new URL('packages', root)).map((name) => `packages/${name}`), 'benchmarks'];
const declared = folders.map((folder) => {
  const { dependencies = {} } = JSON.parse(readFileSync(new URL(`${folder}/package.json`, root), 'utf8')) as {
    dependencies?: Record<string, string>;
  };
  return dependencies;
});

it.each(Object.entries(optionalPackages))('%s has the version of the workspaces', (name, [version]) => {
  const versions = declared.flatMap((dependencies) => dependencies[name] ?? []);
  expect([...new Set(versions)]).toEqual([version]);
});

const missing = (name: string) =>
  Object.assign(new Error(`Cannot find package '${name}' imported from /x.js`), { code: 'ERR_MODULE_NOT_FOUND' });

it('a package that is missing is named, with the command that installs it', async () => {
  const load = loadOptional('sharp', () => Promise.reject(missing('sharp')));
  await expect(load).rejects.toMatchObject({
    code: 'missing-package',
    message: 'sharp is not installed, for images',
    hint: 'Run "npm install --save-dev sharp@0.35.5".',
  });
});

it('a package that is there and cannot be loaded says why', async () => {
  const load = loadOptional('webgpu', () => Promise.reject(new Error('dlopen: no such file\nstack')));
  await expect(load).rejects.toMatchObject({ message: 'webgpu cannot be loaded: dlopen: no such file' });
});

it.each<[string, unknown]>([
  ['another package', missing('left-pad')],
  ['another error', new Error("Cannot find package 'sharp'")],
  ['no error', undefined],
])('%s is not an optional package that is missing', (_, error) => expect(missingPackage(error)).toBeNull());

it('a module of a package that is loaded with require', () => {
  const name: OptionalPackage = '@tensorflow/tfjs';
  const error = Object.assign(new Error(`Cannot find module '${name}'\nRequire stack:\n- /x.js`), {
    code: 'MODULE_NOT_FOUND',
  });
  expect(missingPackage(error)?.message).toMatch(/^@tensorflow\/tfjs is not installed, for probes/);
});
