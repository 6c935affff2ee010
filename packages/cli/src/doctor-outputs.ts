/** What `doctor --json` prints, without and with `--probes`. */
import { z } from 'zod';

const count = z.number().int().nonnegative();

export const doctor = z.object({
  backends: z.array(
    z.object({
      id: z.string(),
      status: z.enum(['available', 'unavailable']),
      device: z.string().nullable(),
      precision: z.string().nullable(),
      /** Whether a software renderer computes in place of a GPU. */
      softwareRenderer: z.boolean().nullable(),
      /** Why it is unavailable. */
      reason: z.string().nullable(),
    }),
  ),
  /** Packages that few need, the commands that need each, and the one that installs it. */
  notInstalled: z.array(z.object({ name: z.string(), for: z.string(), install: z.string() })),
});

/** A tensor, NCHW, or the reason why there is none. */
const ProbeAnswer = z.union([
  z.string(),
  z.object({ shape: z.array(count), data: z.array(z.union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity'])])) }),
]);

export const doctorProbes = z.object({
  torch: z.string(),
  backends: z.array(
    z.object({
      id: z.string(),
      /** Why it could not be probed. */
      reason: z.string().nullable(),
      /** The version of TF.js that answered, and the one in golden/stock-tfjs.json. */
      tfjs: z.string().nullable(),
      knownTfjs: z.string().nullable(),
      findings: z.array(
        z.object({
          probe: z.string(),
          asks: z.string(),
          pytorch: ProbeAnswer.nullable(),
          stock: ProbeAnswer.nullable(),
          ours: ProbeAnswer.nullable(),
          /** The answer for `stock` in golden/stock-tfjs.json. */
          known: ProbeAnswer.nullable(),
          stockAgrees: z.boolean(),
          oursAgrees: z.boolean(),
          changed: z.boolean(),
        }),
      ),
    }),
  ),
});
