import * as tf from '@tensorflow/tfjs-core';
import { TouchstoneError } from '@touchstone/contract';
import type { Availability } from './backend.js';

/**
 * Makes the registered TF.js backend `id` the one that runs kernels.
 * @throws TouchstoneError `backend-unavailable` when TF.js cannot start it
 */
export async function selectBackend(id: string): Promise<void> {
  if (!(await tf.setBackend(id))) {
    throw new TouchstoneError('backend-unavailable', `TF.js could not start the backend "${id}"`, 'touchstone doctor says what each backend lacks');
  }
}

/**
 * Probes by opening: `open` selects the backend and returns the device in words. The precision is measured: 1 + 2⁻⁴⁰ is
 * above 1 in float64 only, 1 + 2⁻²⁰ in float32 too.
 */
export async function probeBy(open: () => Promise<string>): Promise<Availability> {
  const before = tf.getBackend();
  try {
    const device = await open();
    if ((await exceedsOne(2 ** -40))) return { status: 'available', device, precision: 'float64' };
    if ((await exceedsOne(2 ** -20))) return { status: 'available', device, precision: 'float32' };
    return { status: 'unavailable', reason: `${device} computes with less than float32's precision` };
  } catch (error) {
    return { status: 'unavailable', reason: error instanceof Error ? error.message : String(error) };
  } finally {
    if (before) await tf.setBackend(before);
  }
}

async function exceedsOne(step: number): Promise<boolean> {
  const sum = tf.tidy(() => tf.add(tf.scalar(1), tf.scalar(step)));
  try {
    return (await sum.data())[0]! > 1;
  } finally {
    sum.dispose();
  }
}
