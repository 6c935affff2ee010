import { vi } from 'vitest';

const tick = 20;
let passing: NodeJS.Timeout | undefined;

/**
 * Makes deadlines pass `times` as fast as the clock: 0 while something works, so that a slow machine misses none;
 * many while something hangs for ever; 1 while processes end.
 */
export function deadlinesPass(times: number): void {
  clearInterval(passing);
  if (!vi.isFakeTimers()) vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  if (times > 0) passing = setInterval(() => vi.advanceTimersByTime(times * tick), tick);
}

/** Makes deadlines pass at the clock's speed again. */
export function releaseDeadlines(): void {
  clearInterval(passing);
  vi.useRealTimers();
}
