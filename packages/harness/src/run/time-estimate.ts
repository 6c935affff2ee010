import type { Port } from '../port/port.js';

/** How much longer than estimated a run may take under the deadline that is proposed. */
const room = 3;

/** Why a case is not tried: a run of it would take longer than the deadline, by the estimate of a port that has one; null: it is tried. */
export function whyTooSlow(
  { id, timeEstimate }: Pick<Port, 'id' | 'timeEstimate'>,
  multiplyAdds: number,
): string | null {
  if (timeEstimate === null) return null;
  const seconds = multiplyAdds / timeEstimate.multiplyAddsPerSecond;
  const deadline = timeEstimate.deadlineMs / 1000;
  if (seconds <= deadline) return null;
  return `about ${rounded(seconds)} s on ${id}, more than the deadline of ${deadline} s; --deadline ${rounded(room * seconds)} runs it`;
}

/** To two digits. */
function rounded(seconds: number): number {
  return Number(seconds.toPrecision(2));
}
