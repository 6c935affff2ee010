import { delimiter } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { pythonPath, whichPython } from './python.js';

afterEach(() => vi.unstubAllEnvs());

const usual = process.platform === 'win32' ? 'python' : 'python3';

it.each([
  ['./named', '/from/environment', './named'],
  [undefined, '/from/environment', '/from/environment'],
  [undefined, '', usual],
  [undefined, undefined, usual],
])('named %s, TOUCHSTONE_PYTHON %s: %s', (named, variable, found) => {
  vi.stubEnv('TOUCHSTONE_PYTHON', variable);
  expect(whichPython(named)).toBe(found);
});

it('a folder comes before what PYTHONPATH has', () => {
  vi.stubEnv('PYTHONPATH', '');
  expect(pythonPath('tools')).toEqual({ PYTHONPATH: 'tools' });
  vi.stubEnv('PYTHONPATH', 'theirs');
  expect(pythonPath('tools')).toEqual({ PYTHONPATH: `tools${delimiter}theirs` });
});
