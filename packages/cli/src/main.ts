import { reportError } from './report-error.js';
import { buildProgram } from './program.js';

/**
 * Runs one command line and sets the exit status of the process: 0 fine · 1 · 3 · 4 · 5 · 64, see `errors.ts` of the
 * contract.
 */
export async function main(args: readonly string[]): Promise<void> {
  // A reader that closes the pipe early, such as `head`, is not an error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 4));
  try {
    await buildProgram().parseAsync(args, { from: 'user' });
  } catch (error) {
    process.exitCode = reportError(error, process.stderr);
  }
}
