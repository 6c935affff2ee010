import { sameBits, TouchstoneError, type Stages } from '@touchstone/contract';
import { messageOf } from './plain-text.js';
import type { Ran, Reply, Request } from './protocol.js';
import { Unsupported, type Ready } from './served.js';

/** Runs a job twice, or once with probes, and counts the tensors that are left, also when it throws. Never throws. */
export async function runJob(served: Ready, request: Exclude<Request, { kind: 'open' }>): Promise<Reply> {
  const { seq, job } = request;
  let before: number | undefined;
  try {
    served.prepare(job);
    before = served.tensors();
    if (request.kind === 'sketch') return { kind: 'sketched', seq, sketch: [...(await served.sketch(job, request.sketch))] };
    const twice = await runTwice(() => served.run(job));
    return { kind: 'ran', seq, ...twice, leaked: served.tensors() - before };
  } catch (error) {
    return threw(seq, error, before === undefined ? 0 : served.tensors() - before);
  }
}

export function threw(seq: number, error: unknown, leaked = 0): Reply {
  if (error instanceof Unsupported) return { kind: 'unsupported', seq, reason: error.message };
  return { kind: 'threw', seq, code: error instanceof TouchstoneError ? error.code : 'internal', message: messageOf(error), leaked };
}

async function runTwice(run: () => Promise<Stages>): Promise<Pick<Ran, 'stages' | 'milliseconds' | 'unrepeated'>> {
  const start = performance.now();
  const stages = await run();
  const milliseconds = performance.now() - start;
  return { stages, milliseconds, unrepeated: firstDifferent(stages, await run()) };
}

/** The first stage whose shape or bits differ, also one that only one of the two runs has. */
function firstDifferent(first: Stages, second: Stages): string | null {
  for (const name of new Set([...Object.keys(first), ...Object.keys(second)])) {
    const [a, b] = [first[name], second[name]];
    if (a === undefined || b === undefined || !sameBits(a, b)) return name;
  }
  return null;
}
