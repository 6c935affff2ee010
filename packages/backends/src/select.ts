import * as tf from '@tensorflow/tfjs-core';
import { TouchstoneError } from '@touchstone/contract';
import { measurePrecision } from './precision.js';
import type { Availability, Device } from './backend.js';

/**
 * Makes the registered TF.js backend `id` the one that runs kernels.
 * @throws TouchstoneError `backend-unavailable` when TF.js cannot start it
 */
export async function selectBackend(id: string): Promise<void> {
  if (!(await tf.setBackend(id))) {
    throw new TouchstoneError(
      'backend-unavailable',
      `TF.js could not start the backend "${id}"`,
      'Run "touchstone doctor" to see why each backend is unavailable.',
    );
  }
}

/** Probes by opening: `open` selects the backend and returns its device; the precision is measured. */
export async function probeBy(open: () => Promise<Device>): Promise<Availability> {
  const before = tf.getBackend();
  try {
    const device = await open();
    const precision = await measurePrecision();
    if (precision !== null) return { status: 'available', ...device, precision };
    return { status: 'unavailable', reason: `${device.device} computes with less than half precision` };
  } catch (error) {
    return { status: 'unavailable', reason: reasonOf(error) };
  } finally {
    if (before) await tf.setBackend(before);
  }
}

/** Message and hint together, because the reason is shown without the error. */
function reasonOf(error: unknown): string {
  if (error instanceof TouchstoneError && error.hint) return `${error.message}. ${error.hint}`;
  return error instanceof Error ? error.message : String(error);
}
