/**
 * Runs `work` with a signal that Ctrl-C aborts (or SIGTERM, or SIGHUP: a terminal that is closed); its sessions close,
 * and the exit status becomes 130 (143, 129).
 */
export async function untilInterrupted<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const statuses = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
  const stop = (name: NodeJS.Signals): void => {
    if (controller.signal.aborted) process.exit(statuses[name as keyof typeof statuses]);
    controller.abort(new Interrupted(statuses[name as keyof typeof statuses]));
  };
  for (const name of Object.keys(statuses)) process.on(name, stop);
  try {
    const result = await work(controller.signal);
    controller.signal.throwIfAborted();
    return result;
  } catch (error) {
    throw controller.signal.aborted ? controller.signal.reason : error;
  } finally {
    // While children end, another Ctrl-C must not skip what is done at the exit of the process: it removes folders.
    if (!controller.signal.aborted) for (const name of Object.keys(statuses)) process.off(name, stop);
  }
}

/** The user ended it. A second Ctrl-C ends the process at once. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
  constructor(readonly exitStatus: number) {
    super('interrupted');
  }
}
