import { runProbes } from '@touchstone/network';
import type { Reply, Request } from './protocol.js';
import { threw } from './run-job.js';

/** In the host, on the backend that it has open. `register`: registers TF.js's own gradients. Never throws. */
export async function answerProbes(
  { seq, questions }: Extract<Request, { kind: 'probes' }>,
  register: () => void | Promise<void>,
): Promise<Reply> {
  try {
    const { tfjs, answers } = await runProbes(questions, register);
    return { kind: 'probed', seq, tfjs, answers };
  } catch (error) {
    return threw(seq, error);
  }
}
