import { messageOf } from '@touchstone/contract';
import { backends } from '@touchstone/backends';
import { openChildSession } from '@touchstone/session';

/** The output of `doctor --json`. */
export interface Doctor {
  readonly backends: readonly {
    readonly id: string;
    readonly status: 'available' | 'unavailable';
    readonly device: string | null;
    readonly precision: string | null;
    /** Whether a software renderer computes in place of a GPU. */
    readonly softwareRenderer: boolean | null;
    /** Why it is unavailable. */
    readonly reason: string | null;
  }[];
}

/** Opens every backend, each in a child process. */
export async function doctor(signal?: AbortSignal): Promise<Doctor> {
  return { backends: await Promise.all(backends.map(({ id }) => examine(id, signal))) };
}

async function examine(id: string, signal: AbortSignal | undefined): Promise<Doctor['backends'][number]> {
  try {
    const session = await openChildSession({ backend: id }, { signal });
    await session.close();
    const { device, precision, softwareRenderer } = session.info;
    return { id, status: 'available', device, precision, softwareRenderer, reason: null };
  } catch (error) {
    const nothing = { device: null, precision: null, softwareRenderer: null };
    return { id, status: 'unavailable', ...nothing, reason: messageOf(error) };
  }
}
