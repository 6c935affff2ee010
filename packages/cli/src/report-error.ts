import { CommanderError } from 'commander';
import { plainText, TouchstoneError } from '@touchstone/contract';
import { Interrupted } from './interrupt.js';

/** Errors of the operating system about a path from the user. */
const PATH_FAULTS: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  ENOTDIR: 'has a file where a folder is expected',
  EISDIR: 'is a folder',
  EEXIST: 'exists already and is not a folder',
  EACCES: 'may not be accessed',
  EPERM: 'may not be accessed',
  EROFS: 'is on a read-only file system',
};

/** Prints an error as code, sentence and hint, and returns the exit status. `DEBUG` adds the stack. */
export function reportError(error: unknown, stream: { write(text: string): unknown }): number {
  // help and version, which have been printed
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 64;
  if (error instanceof Interrupted) {
    stream.write('interrupted\n');
    return error.exitStatus;
  }
  const known = error instanceof TouchstoneError ? error : translated(error);
  stream.write(`error: ${known.code}: ${plainText(known.message, 1000)}\n`);
  if (known.hint !== undefined) stream.write(`  hint: ${plainText(known.hint, 1000)}\n`);
  if (process.env['DEBUG'] && error instanceof Error) stream.write(`${error.stack}\n`);
  return known.exitStatus;
}

function translated(error: unknown): TouchstoneError {
  const { code, path } = error instanceof Error ? (error as NodeJS.ErrnoException) : {};
  if (code !== undefined && path !== undefined && Object.hasOwn(PATH_FAULTS, code)) {
    return new TouchstoneError('bad-input', `${path} ${PATH_FAULTS[code]}`, 'Check the paths in the command.');
  }
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new TouchstoneError(
    'internal',
    text,
    'Set DEBUG=1 to see where it happened, and report it: this is a bug in touchstone, or a fault of the machine.',
  );
}
