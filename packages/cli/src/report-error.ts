import { CommanderError } from 'commander';
import { missingPackage, plainText, TouchstoneError } from '@touchstone/contract';
import { Interrupted } from './interrupt.js';
import { printed } from './output.js';

/** Errors of the operating system about a path from the user. */
const PATH_FAULTS: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  ENOTDIR: 'has a file where a folder is expected',
  EISDIR: 'is a folder',
  EEXIST: 'exists already and is not a folder',
  EACCES: 'may not be accessed',
  EPERM: 'may not be accessed',
  EROFS: 'is on a read-only file system',
  ELOOP: 'is a link to itself',
  ENAMETOOLONG: 'is too long a name',
};

/** Errors of the machine. */
const MACHINE_FAULTS: Readonly<Record<string, readonly [what: string, hint: string]>> = {
  ENOSPC: ['cannot be written: the disk is full', 'Free some space, or write to another disk.'],
  EDQUOT: ['cannot be written: the quota of disk space is used up', 'Free some space, or write to another disk.'],
  EFBIG: ['cannot be written: the limit for the size of a file is reached', 'Raise the limit with "ulimit -f".'],
  EIO: ['cannot be read or written: the disk reports an error', 'Check the disk, or use another.'],
  EMFILE: ['cannot be opened: too many files are open', 'Raise the limit with "ulimit -n".'],
  ENFILE: ['cannot be opened: too many files are open on this machine', 'End other programs.'],
  ENOMEM: ['cannot be done: there is no memory left', 'End other programs, or use a machine with more memory.'],
  EAGAIN: [
    'cannot be started: there are too many processes',
    'End other programs, or raise the limit with "ulimit -u".',
  ],
};

/** Prints an error as code, sentence and hint, and returns the exit status. `DEBUG` adds the stack. */
export function reportError(error: unknown, stream: { write(text: string): unknown }): number {
  // help and version, which have been printed
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 64;
  if (error instanceof Interrupted) {
    stream.write('interrupted\n');
    return error.exitStatus;
  }
  const known = error instanceof TouchstoneError ? error : (missingPackage(error) ?? translated(error));
  stream.write(`error: ${known.code}: ${printed(plainText(known.message, 1000))}\n`);
  if (known.hint !== undefined) stream.write(`  hint: ${printed(plainText(known.hint, 1000))}\n`);
  if (process.env['DEBUG'] && error instanceof Error) stream.write(`${error.stack}\n`);
  return known.exitStatus;
}

function translated(error: unknown): TouchstoneError {
  const { code, path } = error instanceof Error ? (error as NodeJS.ErrnoException) : {};
  if (code !== undefined && path !== undefined && Object.hasOwn(PATH_FAULTS, code)) {
    return new TouchstoneError('bad-input', `${path} ${PATH_FAULTS[code]}`, 'Check the paths in the command.');
  }
  if (code !== undefined && Object.hasOwn(MACHINE_FAULTS, code)) {
    const [what, hint] = MACHINE_FAULTS[code]!;
    return new TouchstoneError('machine', `${path ?? 'a file'} ${what}`, hint);
  }
  if (code === 'ERR_MODULE_NOT_FOUND' && (error as Error).message.includes('/node_modules/@touchstone/'))
    return new TouchstoneError(
      'machine',
      'a part of Touchstone cannot be read: it is not whole, or too many files are open',
      'Raise the limit with "ulimit -n", or install Touchstone again.',
    );
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new TouchstoneError(
    'internal',
    text,
    'Set DEBUG=1 to see where it happened, and report it: this is a bug in touchstone, or a fault of the machine.',
  );
}
