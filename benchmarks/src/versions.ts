import { median } from '@touchstone/contract';
import { loadavg } from 'node:os';
import { version_core as tfjs } from '@tensorflow/tfjs-core';
import { machine } from '@touchstone/system';
import { z } from 'zod';
import { controlRound } from './gate/control.js';

const Text = z.string().max(10_000);

/** The software, machine and load of a row. */
export const Versions = z.strictObject({
  machine: Text,
  node: Text,
  tfjs: Text,
  /** As in `doctor`. */
  device: Text,
  torch: Text.nullable(),
  captum: Text.nullable(),
  /** The machine's load average over a minute when the row was measured; null where there is none. */
  load: z.number().nullable(),
  /** Time of the gate's control when the row was measured: rows are only comparable where it is about the same. */
  controlMs: z.number().positive(),
});
export type Versions = Readonly<z.infer<typeof Versions>>;

export function versionsOf(
  device: string,
  pytorch: { readonly torch: string; readonly captum: string | null } | null = null,
): Versions {
  const load = process.platform === 'win32' ? null : loadavg()[0]!;
  const controlMs = median(Array.from({ length: 9 }, controlRound));
  return {
    machine: machine(),
    node: process.version,
    tfjs,
    device,
    torch: pytorch?.torch ?? null,
    captum: pytorch?.captum ?? null,
    load,
    controlMs,
  };
}
