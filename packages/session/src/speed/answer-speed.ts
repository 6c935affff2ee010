import { TouchstoneError, type Stages } from '@touchstone/contract';
import type { Surroundings } from '../answerer.js';
import type { Reply, SpeedRequest } from '../protocol.js';
import { threw } from '../run-job.js';
import type { Inside, Ready } from '../served.js';
import { matrixProduct } from './matrix-product.js';

type Used = Pick<Surroundings, 'memory' | 'processorMilliseconds' | 'register' | 'openWorkerPool'>;

/** Runs what is asked once, on the clock. Loading a network is not on it, reading the answer back is. Never throws. */
export async function answerSpeed(served: Ready, request: SpeedRequest, surroundings: Used): Promise<Reply> {
  const { seq } = request;
  const { memory, processorMilliseconds } = surroundings;
  let before: number | undefined;
  try {
    const { inside } = served;
    if (inside === null) throw new TouchstoneError('unsupported', 'only our own backends are timed');
    if (request.kind === 'multiply-adds')
      return { kind: 'counted', seq, multiplyAdds: await inside.multiplyAdds(request.job) };
    const run =
      request.kind === 'product' ? () => matrixProduct(request.size) : await prepared(inside, request, surroundings);
    before = served.tensors();
    memory.forget();
    const processor = processorMilliseconds();
    const start = performance.now();
    const stages = await run();
    const milliseconds = performance.now() - start;
    const used = processorMilliseconds();
    const wanted = request.kind === 'time' && request.answer !== null && stages ? stages[request.answer] : undefined;
    return {
      kind: 'timed',
      seq,
      milliseconds,
      answer: wanted ?? null,
      leaked: served.tensors() - before,
      peakBytes: memory.peak(),
      processorMilliseconds: processor === null || used === null ? null : used - processor,
    };
  } catch (error) {
    return threw(seq, error, before === undefined ? 0 : served.tensors() - before);
  }
}

function prepared(
  inside: Inside,
  { job, by, engines }: Extract<SpeedRequest, { kind: 'time' }>,
  { register, openWorkerPool }: Used,
): Promise<() => Promise<Stages>> {
  if (by === 'stock') return inside.stock(job, register);
  return inside.helped(job, { engines }, openWorkerPool);
}
