/** The command in this process: most of a process's time would go to loading. */
import { vi } from 'vitest';
import { buildProgram } from '../program.js';
import { reportError } from '../report-error.js';
import type { Ended } from './touchstone.js';

export async function inProcess(args: readonly string[]): Promise<Ended> {
  const write = (to: 'stdout' | 'stderr') =>
    vi.spyOn(process[to], 'write').mockImplementation((text) => {
      written[to] += String(text);
      return true;
    });
  const written = { stdout: '', stderr: '' };
  const spies = [write('stdout'), write('stderr')];
  try {
    await buildProgram().parseAsync(args, { from: 'user' });
    return { status: Number(process.exitCode ?? 0), ...written };
  } catch (error) {
    const status = reportError(error, process.stderr);
    return { status, ...written };
  } finally {
    process.exitCode = 0;
    for (const spy of spies) spy.mockRestore();
  }
}
