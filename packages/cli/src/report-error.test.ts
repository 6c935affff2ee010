import { CommanderError } from 'commander';
import { TouchstoneError } from '@touchstone/contract';
import { expect, test } from 'vitest';
import { Interrupted } from './interrupt.js';
import { reportError } from './report-error.js';

const missing = Object.assign(new Error('ENOENT: no such file or directory, open'), { code: 'ENOENT', path: '/a/b' });
const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', path: '/a/b' });

test.each([
  {
    error: new TouchstoneError('bad-image', 'x.png: \u001b[31mdamaged\n', 'Save it again.'),
    status: 64,
    says: 'error: bad-image: x.png: damaged\n  hint: Save it again.\n',
  },
  { error: new TouchstoneError('golden-damaged', 'cut'), status: 5, says: 'error: golden-damaged: cut\n' },
  { error: missing, status: 64, says: 'error: bad-input: /a/b does not exist\n' },
  { error: full, status: 4, says: 'error: machine: /a/b cannot be written: the disk is full\n  hint: Free' },
  {
    error: Object.assign(new Error('EFBIG: file too large, write'), { code: 'EFBIG', syscall: 'write' }),
    status: 4,
    says: 'error: machine: a file cannot be written: the limit for the size of a file is reached\n  hint: Raise',
  },
  {
    error: new TypeError('x is undefined\n    at y'),
    status: 4,
    says: 'error: internal: TypeError: x is undefined at y\n',
  },
  { error: 'thrown text', status: 4, says: 'error: internal: thrown text\n' },
  { error: new Interrupted(130), status: 130, says: 'interrupted\n' },
  { error: new CommanderError(1, 'commander.unknownOption', 'printed'), status: 64, says: '' },
  { error: new CommanderError(0, 'commander.helpDisplayed', 'printed'), status: 0, says: '' },
])('$error: status $status', ({ error, status, says }) => {
  let written = '';
  expect(reportError(error, { write: (text) => (written += text) })).toBe(status);
  expect(written.startsWith(says)).toBe(true);
  expect(written.split('\n').length).toBeLessThanOrEqual(3);
});
