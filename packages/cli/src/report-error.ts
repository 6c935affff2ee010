import { CommanderError } from 'commander';
import { TouchstoneError } from '@touchstone/contract';
import { clean } from '@touchstone/report';
import { Interrupted } from './interrupt.js';

/** What the operating system says of a path that the user gave. */
const PATH_FAULTS: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  ENOTDIR: 'goes through a file that is not a folder',
  EISDIR: 'is a folder',
  EEXIST: 'exists already and is not a folder',
  EACCES: 'may not be accessed',
  EPERM: 'may not be accessed',
  EROFS: 'lies on a file system that cannot be written',
};

/** Says what went wrong, in one line with its code and a remedy; returns the exit status. The stack is shown with `DEBUG` only. */
export function reportError(error: unknown, stream: { write(text: string): unknown }): number {
  // commander has printed its own message already
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 64;
  if (error instanceof Interrupted) {
    stream.write('touchstone: interrupted\n');
    return error.exitStatus;
  }
  const known = error instanceof TouchstoneError ? error : translated(error);
  stream.write(`touchstone: ${known.code}: ${clean(known.message, 1000)}\n`);
  if (known.hint !== undefined) stream.write(`  hint: ${clean(known.hint, 1000)}\n`);
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
    'This is a fault of touchstone itself, or of the machine; DEBUG=1 shows where.',
  );
}
