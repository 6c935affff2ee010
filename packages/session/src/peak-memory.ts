import { readFileSync, writeFileSync } from 'node:fs';

/** The most memory that an engine held since the last `forget`, in bytes; null: not known. */
export interface PeakMemory {
  forget(): void;
  peak(): number | null;
}

/** This process's. */
export const ownMemory: PeakMemory = { forget: forgetPeak, peak: peakBytes };

/**
 * Linux: the most memory that this process held, from now on. Elsewhere, and where /proc is not ours to write, it
 * keeps counting from the start.
 */
export function forgetPeak(): void {
  try {
    writeFileSync('/proc/self/clear_refs', '5'); // man 5 proc: resets VmHWM to what is held now
  } catch {
    // then peakBytes is an upper bound
  }
}

/** The most resident memory that this process held since the last `forgetPeak`, in bytes; at worst since its start. */
export function peakBytes(): number {
  try {
    const [, kibibytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
    if (kibibytes !== undefined) return Number(kibibytes) * 1024;
  } catch {
    // no /proc
  }
  return process.resourceUsage().maxRSS * 1024;
}
