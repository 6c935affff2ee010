import { messageOf } from '@touchstone/contract';
import { backends } from '@touchstone/backends';
import { Engine } from '@touchstone/session';

/** What `doctor --json` prints. */
export interface Doctor {
  readonly backends: readonly {
    readonly id: string;
    readonly status: 'available' | 'unavailable';
    readonly device: string | null;
    readonly precision: string | null;
    /** Whether a program stands in for the GPU that the backend is made for. */
    readonly softwareRenderer: boolean | null;
    /** Why it is unavailable. */
    readonly reason: string | null;
  }[];
}

/** Opens every backend in a process of its own. */
export async function doctor(signal?: AbortSignal): Promise<Doctor> {
  return { backends: await Promise.all(backends.map(({ id }) => examine(id, signal))) };
}

async function examine(id: string, signal: AbortSignal | undefined): Promise<Doctor['backends'][number]> {
  const engine = new Engine({ backend: id }, signal);
  try {
    const state = await engine.open();
    if (state.kind === 'unavailable')
      return { id, status: 'unavailable', device: null, precision: null, softwareRenderer: null, reason: state.reason };
    return {
      id,
      status: 'available',
      device: state.device,
      precision: state.precision,
      softwareRenderer: state.softwareRenderer,
      reason: null,
    };
  } catch (error) {
    return {
      id,
      status: 'unavailable',
      device: null,
      precision: null,
      softwareRenderer: null,
      reason: messageOf(error),
    };
  } finally {
    engine.stop();
  }
}
