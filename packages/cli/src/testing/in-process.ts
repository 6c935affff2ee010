/** The command in this process: most of a process's time would go to loading. */
import { vi } from 'vitest';
import { buildProgram } from '../program.js';
import { reportError } from '../report-error.js';
import type { Ended } from './touchstone.js';

/** Those that a command listens to; after an interrupt it goes on listening, until its process ends. */
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** @param onStderr gets what the command writes there, and may end it with `interrupt` */
export async function inProcess(args: readonly string[], onStderr?: (text: string) => void): Promise<Ended> {
  const write = (to: 'stdout' | 'stderr') =>
    vi.spyOn(process[to], 'write').mockImplementation((text) => {
      written[to] += String(text);
      if (to === 'stderr') onStderr?.(String(text));
      return true;
    });
  const written = { stdout: '', stderr: '' };
  const spies = [write('stdout'), write('stderr')];
  const before = new Map(signals.map((name) => [name, process.listeners(name)]));
  try {
    await buildProgram().parseAsync(args, { from: 'user' });
    return { status: Number(process.exitCode ?? 0), ...written };
  } catch (error) {
    const status = reportError(error, process.stderr);
    return { status, ...written };
  } finally {
    process.exitCode = 0;
    for (const spy of spies) spy.mockRestore();
    for (const [name, kept] of before)
      for (const listener of process.listeners(name)) if (!kept.includes(listener)) process.off(name, listener);
  }
}

/** What Ctrl-C does to a command that runs in this process. */
export function interrupt(): void {
  process.emit('SIGINT', 'SIGINT');
}

/** Runs the command, and interrupts it as soon as `is` is true. */
export async function interruptedWhen(is: () => boolean, args: readonly string[]): Promise<Ended> {
  const waiting = setInterval(() => {
    if (!is()) return;
    clearInterval(waiting); // a second one would end the process
    interrupt();
  }, 2);
  return inProcess(args).finally(() => clearInterval(waiting));
}
