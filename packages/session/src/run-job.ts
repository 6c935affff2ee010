import { sameBits, TouchstoneError, type Stages, messageOf } from '@touchstone/contract';
import type { PeakMemory } from './peak-memory.js';
import type { JobRequest, Ran, Reply } from './protocol.js';
import { Unsupported, type Ready } from './served.js';

/** Runs a job twice, or once more for a look inside, and counts the tensors that are left, also when it throws. Never throws. */
export async function runJob(served: Ready, request: JobRequest, memory: PeakMemory): Promise<Reply> {
  const { seq, job } = request;
  let before: number | undefined;
  try {
    if (request.kind === 'run') memory.forget();
    await served.prepare(job);
    before = served.tensors();
    if (request.kind !== 'run') return await look(served, request);
    const twice = await runTwice(() => served.run(job));
    return { kind: 'ran', seq, ...twice, leaked: served.tensors() - before, peakBytes: memory.peak() };
  } catch (error) {
    return threw(seq, error, before === undefined ? 0 : served.tensors() - before);
  }
}

export function threw(seq: number, error: unknown, leaked = 0): Reply {
  if (error instanceof Unsupported) return { kind: 'unsupported', seq, reason: error.message };
  return {
    kind: 'threw',
    seq,
    code: error instanceof TouchstoneError ? error.code : 'internal',
    message: messageOf(error),
    leaked,
  };
}

async function look({ inside, run }: Ready, request: Exclude<JobRequest, { kind: 'run' }>): Promise<Reply> {
  if (inside === null) throw new Unsupported('only our own methods can be looked into');
  const { seq, job } = request;
  switch (request.kind) {
    case 'sketch':
      return { kind: 'sketched', seq, sketch: [...(await inside.sketch(job, request.sketch))] };
    case 'kinks': {
      const { relus, pools } = await inside.kinks(job);
      return { kind: 'kinked', seq, kinks: { relus: [...relus], pools: [...pools] } };
    }
    case 'replay': {
      const own = request.own ? await run(job) : null;
      return { kind: 'replayed', seq, own, ...(await inside.replay(job, request.kinks)) };
    }
    case 'mutants':
      return { kind: 'mutated', seq, answers: await inside.mutants(job, request.stage, request.milliseconds) };
    case 'claims':
      return { kind: 'claimed', seq, claims: await inside.claims(job, request.stages, request.golden) };
  }
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
