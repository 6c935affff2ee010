/** Before anything is timed, the same session must give float64's answer for the same network on a small image. */
import { compareTensors, maxSwitchPointDistance, Random, TouchstoneError, type HostTensor } from '@touchstone/contract';
import { type ExplainRequest } from '@touchstone/session';
import { noiseImages } from '../conv-gradient/vgg.js';
import type { TimedSession } from '../timed-session.js';

/** Allowed e2: float32 rounds. A wrong gradient is off by about 1. */
const maxError = 1e-4;
const size = 32;
const samples = 2;

/** SmoothGrad of two noisy copies of 32×32, in one pass; the noise is given, so that all contestants have the same. */
export function smallJob(job: ExplainRequest): ExplainRequest {
  const random = new Random(7);
  const noise = {
    shape: [samples, 1, 3, size, size],
    data: Float32Array.from({ length: samples * 3 * size * size }, () => random.normal()),
  };
  return { ...job, x: noiseImages(1, size), params: { ...job.params, samples, batch: samples }, fixtures: { noise } };
}

/**
 * @param oracle float64, which answers with the same units on the same side of their switch points
 * @returns our average gradient, and its distance from float64's
 * @throws TouchstoneError `internal` where they differ too much
 */
export async function checkSmall(
  job: ExplainRequest,
  session: Pick<TimedSession, 'backend' | 'time' | 'diagnose'>,
  oracle: Pick<TimedSession, 'diagnose'>,
): Promise<{ readonly ours: HostTensor; readonly e2: number }> {
  const small = smallJob(job);
  const { answer: ours } = await session.time(small, 'ours', { answer: 'average' });
  const switchPoints = await session.diagnose({ kind: 'switchPoints', request: small });
  const replayed = await oracle.diagnose({ kind: 'replay', request: small, switchPoints, own: false });
  const expected = replayed.stages['average'];
  if (ours === null || expected === undefined)
    throw new TouchstoneError('internal', 'SmoothGrad has no stage "average"');
  const { e2 } = compareTensors(ours, expected);
  const { flipped, furthest } = replayed.difference;
  if (!(e2 <= maxError))
    throw new TouchstoneError(
      'internal',
      `on ${session.backend} SmoothGrad differs from float64 by ${e2} of its size, so it is not timed`,
      'Find the cause first, with touchstone verify.',
    );
  if (flipped > 0 && !(furthest <= maxSwitchPointDistance))
    throw new TouchstoneError(
      'internal',
      `on ${session.backend} a unit ${furthest} away from its switch point is on the other side in float64, ` +
        'so SmoothGrad is not timed',
      'Find the cause first, with touchstone verify.',
    );
  return { ours, e2 };
}
