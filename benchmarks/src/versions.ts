import { loadavg } from 'node:os';
import { version_core as tfjs } from '@tensorflow/tfjs-core';
import { machine } from '@touchstone/harness';
import { controlRound } from './gate/control.js';
import { median } from './gate/statistics.js';

/** What ran, on what, and under which load: stamped on every row. */
export interface Versions {
  readonly machine: string;
  readonly node: string;
  readonly tfjs: string;
  /** The engine in words, as `doctor` has it. */
  readonly device: string;
  readonly torch: string | null;
  readonly captum: string | null;
  /** The machine's load average over a minute when the row was measured; null where there is none. */
  readonly load: number | null;
  /** The gate's control on this machine just then: other rows can be compared only where it took as long. */
  readonly controlMs: number;
}

export function versionsOf(device: string, pytorch: { readonly torch: string; readonly captum: string | null } | null = null): Versions {
  const load = process.platform === 'win32' ? null : loadavg()[0]!;
  const controlMs = median(Array.from({ length: 9 }, controlRound));
  return { machine: machine(), node: process.version, tfjs, device, torch: pytorch?.torch ?? null, captum: pytorch?.captum ?? null, load, controlMs };
}
