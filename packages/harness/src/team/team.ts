import { findBackend } from '@touchstone/backends';
import { TouchstoneError, type HostTensor, type NetworkDescription, type Stages } from '@touchstone/contract';
import type { Share, Team } from '@touchstone/methods';
import { Member } from './member.js';

export interface OpenTeam extends Team {
  /** Ends the threads, also those at work, and gives back their memory. */
  close(): Promise<void>;
}

export interface Joined {
  readonly backend: string;
  /** The very description of the network that is explained. */
  readonly description: NetworkDescription;
  readonly weights: Readonly<Record<string, HostTensor>>;
  readonly size: number;
}

/**
 * Engines in threads of this process, each with the network loaded: for `Explanation.team`.
 *
 * @param size how many, one for each core
 * @throws `usage` for a backend that does not spread; otherwise the first error of a thread, after which none is left
 */
export async function openTeam({ backend, description, weights, size }: Joined): Promise<OpenTeam> {
  if (!findBackend(backend).spreads)
    throw new TouchstoneError(
      'usage',
      `${backend} does not run in several threads of a process`,
      'It uses the cores by itself: leave --workers out.',
    );
  const shared = Object.fromEntries(Object.keys(weights).map((name) => [name, inSharedMemory(weights[name]!)]));
  const members = Array.from({ length: size }, () => new Member());
  const team = new Threads(description, members);
  try {
    await Promise.all(members.map((member) => member.join({ backend, description, weights: shared })));
    return team;
  } catch (error) {
    await team.close();
    throw error;
  }
}

/** What a thread is given at a time: the next question lies before it when it has answered. */
const mostAtATime = 2;

class Threads implements OpenTeam {
  readonly size: number;
  readonly network: NetworkDescription;
  readonly #members: readonly Member[];
  readonly #waiting: ((member: Member) => void)[] = [];

  constructor(network: NetworkDescription, members: readonly Member[]) {
    this.network = network;
    this.size = members.length;
    this.#members = members;
  }

  async run(share: Share): Promise<Stages> {
    const idlest = this.#members.reduce((best, member) => (member.load < best.load ? member : best));
    const member =
      idlest.load < mostAtATime ? idlest : await new Promise<Member>((resolve) => this.#waiting.push(resolve));
    try {
      return await member.ask(share);
    } finally {
      this.#waiting.shift()?.(member);
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#members.map((member) => member.close()));
  }
}

/** A copy that threads are given without copying it. Read once: drawn weights are drawn each time. */
function inSharedMemory({ shape, data }: HostTensor): HostTensor {
  const shared = new Float32Array(new SharedArrayBuffer(4 * data.length));
  shared.set(data);
  return { shape, data: shared };
}
