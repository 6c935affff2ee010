import { CommanderError } from 'commander';
import { TouchstoneError } from '@touchstone/contract';
import { clean } from '@touchstone/report';
import { Interrupted } from './interrupt.js';
import { buildProgram } from './program.js';

/** Runs one command line and sets the exit status of the process: 0 fine · 1 · 3 · 4 · 5 · 64, see `errors.ts` of the contract. */
export async function main(args: readonly string[]): Promise<void> {
  // A reader that stops reading, such as `head`, is not an error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 4));
  try {
    await buildProgram().parseAsync(args, { from: 'user' });
  } catch (error) {
    process.exitCode = report(error);
  }
}

/** Says on stderr what went wrong, in one line and a remedy; returns the exit status. */
function report(error: unknown): number {
  // commander has printed its own message already
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 64;
  if (error instanceof Interrupted) {
    process.stderr.write('touchstone: interrupted\n');
    return error.exitStatus;
  }
  const known = error instanceof TouchstoneError ? error : new TouchstoneError('internal', error instanceof Error ? `${error.name}: ${error.message}` : String(error), 'This is a fault of touchstone itself; set DEBUG=1 to see where.');
  process.stderr.write(`touchstone: ${known.code}: ${clean(known.message, 1000)}\n`);
  if (known.hint !== undefined) process.stderr.write(`  hint: ${clean(known.hint, 1000)}\n`);
  if (process.env['DEBUG'] && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  return known.exitStatus;
}
