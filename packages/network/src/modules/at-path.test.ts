import { TouchstoneError } from '@touchstone/contract';
import { expect, it } from 'vitest';
import { atPath } from './at-path.js';

it.each([
  { name: 'an error of the input', error: new TouchstoneError('bad-input', 'too small', 'Resize it.'), adds: true },
  { name: 'what is not supported', error: new TouchstoneError('unsupported', 'no such', 'Leave it.'), adds: true },
  { name: 'any other error of ours', error: new TouchstoneError('bad-network', '"b": no', 'Mend it.'), adds: false },
])('$name: names the module only where that helps', ({ error, adds }) => {
  const run = () =>
    atPath('a.0', () => {
      throw error;
    });
  const message = adds ? `"a.0": ${error.message}` : error.message;
  expect(run).toThrow(expect.objectContaining({ code: error.code, message, hint: error.hint }));
});
