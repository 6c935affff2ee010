import { vi } from 'vitest';

const tick = 20;
let passing: NodeJS.Timeout | undefined;

/**
 * From now on deadlines come nearer so many times as fast as the clock goes: 0 while something is at work, so
 * that nothing meets one because the machine is slow; many while something hangs that cannot come back; 1
 * while processes are to end.
 */
export function deadlinesPass(times: number): void {
  clearInterval(passing);
  if (!vi.isFakeTimers()) vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  if (times > 0) passing = setInterval(() => vi.advanceTimersByTime(times * tick), tick);
}

/** They are ordinary deadlines again. */
export function releaseDeadlines(): void {
  clearInterval(passing);
  vi.useRealTimers();
}
