import { TouchstoneError } from '@touchstone/contract';
import type { PeakMemory } from './peak-memory.js';
import { answerProbes } from './answer-probes.js';
import type { Reply, Request, Serves } from './protocol.js';
import { runJob, threw } from './run-job.js';
import type { OpenWorkerPools, Ready, Served } from './served.js';
import { answerSpeed } from './speed/answer-speed.js';

/** What differs between a host's own process and a page. */
export interface Surroundings {
  readonly open: (serves: Serves) => Promise<Served>;
  /** Registers TF.js's own gradients. */
  readonly register: () => void | Promise<void>;
  /** @throws TouchstoneError `unsupported` where there are no threads */
  readonly openWorkerPool: OpenWorkerPools;
  readonly memory: PeakMemory;
  /** Of all threads since the process began; null: not known here. */
  readonly processorMilliseconds: () => number | null;
}

export type Answerer = (request: Request) => Promise<Reply>;

const lookEveryMs = 200;

/** Answers requests one at a time, in this process or page. Rejects only where the device is lost: nothing more can be asked here. */
export function answerer(surroundings: Surroundings): Answerer {
  const { open, register, memory } = surroundings;
  let served: Ready | undefined;
  return async (request) => {
    if (request.kind === 'open') {
      try {
        const opened = await open(request.serves);
        if (opened.kind === 'unavailable') return opened;
        served = opened;
        const { kind, name, version, device, precision, softwareRenderer } = opened;
        return { kind, name, version, device, precision, softwareRenderer };
      } catch (error) {
        return threw(0, error);
      }
    }
    if (served === undefined)
      return threw(request.seq, new TouchstoneError('internal', 'the host was asked to run before it was opened'));
    switch (request.kind) {
      case 'probes':
        return whileAlive(served, answerProbes(request, register));
      case 'time':
      case 'multiply-adds':
      case 'product':
        return whileAlive(served, answerSpeed(served, request, surroundings));
      default:
        return whileAlive(served, runJob(served, request, memory));
    }
  };
}

/** A kernel may wait for ever for a device that is lost, or answer zeros. */
async function whileAlive(served: Ready, reply: Promise<Reply>): Promise<Reply> {
  let timer: NodeJS.Timeout | undefined;
  const check = (): void => {
    const why = served.whyLost();
    if (why !== null) throw new Error(why);
  };
  const lost = new Promise<never>((_, reject) => {
    timer = setInterval(() => {
      try {
        check();
      } catch (error) {
        reject(error as Error);
      }
    }, lookEveryMs);
  });
  try {
    const answer = await Promise.race([reply, lost]);
    check();
    return answer;
  } finally {
    clearInterval(timer);
  }
}
