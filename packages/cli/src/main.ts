import { TouchstoneError } from '@touchstone/contract';
import { buildProgram } from './program.js';
import { reportError } from './report-error.js';

/**
 * Runs one command line and sets the exit status of the process: 0 fine · 1 · 3 · 4 · 5 · 64, see `errors.ts` of the
 * contract. It never ends silently.
 */
export async function main(
  args: readonly string[],
  program: Pick<ReturnType<typeof buildProgram>, 'parseAsync'> = buildProgram(),
): Promise<void> {
  outliveReaders();
  process.once('beforeExit', reportUnfinished);
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    process.exitCode = reportError(error, process.stderr);
  } finally {
    process.off('beforeExit', reportUnfinished);
  }
}

/**
 * A reader that closes its pipe early, such as `head`, ends neither the command nor its exit status. Without these
 * listeners the first line of progress without a reader would end the process silently.
 */
function outliveReaders(): void {
  process.stderr.on('error', () => undefined);
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') return;
    process.exit(reportError(Object.assign(error, { path: 'stdout' }), process.stderr));
  });
}

/** Node.js ends, without an error, a process in which nothing is left that a promise could be waiting for. */
function reportUnfinished(): void {
  const error = new TouchstoneError(
    'internal',
    'the command ended before it was complete: it waits for something that can no longer come',
    'This is a bug in touchstone: run the command again, and report it.',
  );
  process.exitCode = reportError(error, process.stderr);
}
