import { z } from 'zod';

export const Status = z.enum(['passed', 'failed', 'skipped', 'errored']);
export type Status = z.infer<typeof Status>;

/** What decided: the name of the check that failed. */
export const Check = z.enum(['shape', 'non-finite', 'e2', 'eMax', 'repeat', 'leak', 'stages', 'claim', 'golden']);
export type Check = z.infer<typeof Check>;

export const Header = z.object({
  kind: z.literal('header'),
  version: z.literal(1),
  touchstone: z.string(),
  started: z.string(),
  /** Hash of `golden/manifest.json`. */
  golden: z.string(),
  port: z.strictObject({ name: z.string(), version: z.string() }),
  /** `precision`: with `float16` the verdicts are those of half precision. `software`: a program in place of the GPU that the backend is made for. */
  backends: z.array(
    z.object({
      id: z.string(),
      device: z.string(),
      precision: z.string(),
      softwareRenderer: z.boolean().default(false),
    }),
  ),
  /** Backends that were asked for and cannot run here, and why. Each of their cases is skipped, or errored where the backend is required. */
  unavailable: z.array(z.object({ id: z.string(), reason: z.string() })).default([]),
  machine: z.string(),
});
export type Header = z.infer<typeof Header>;

export const Outcome = z.object({
  kind: z.literal('outcome'),
  case: z.string(),
  method: z.string(),
  network: z.string(),
  backend: z.string(),
  status: Status,
  /** The stage with the largest ratio to what is allowed; the first diverging one when failed. */
  stage: z.string().nullable(),
  e2: z.number().nullable(),
  eMax: z.number().nullable(),
  /** Allowed `e2` and `eMax`. */
  allowed: z.number().nullable(),
  allowedMax: z.number().nullable(),
  /** The larger of `e2/allowed` and `eMax/allowedMax`. */
  ratio: z.number().nullable(),
  check: Check.nullable(),
  /** Error code when errored; see `errors.ts`. */
  code: z.string().nullable(),
  /** For a person: why it failed, was skipped or errored; how it passed, if not plainly. */
  reason: z.string().nullable(),
  milliseconds: z.number().nullable(),
  /** The most memory that the engine's process held while it ran the case, in bytes; null where the system does not say. */
  peakBytes: z.number().nullable(),
});
export type Outcome = z.infer<typeof Outcome>;

export const Footer = z.object({
  kind: z.literal('footer'),
  passed: z.number().int(),
  failed: z.number().int(),
  skipped: z.number().int(),
  errored: z.number().int(),
  /** Backend → its case that came nearest to what is allowed, or went furthest beyond; `ratio` null: it failed in a way that cannot be measured. */
  worst: z
    .record(z.string(), z.object({ ratio: z.number().nullable(), case: z.string(), stage: z.string().nullable() }))
    .default({}),
  milliseconds: z.number(),
});
export type Footer = z.infer<typeof Footer>;

/** A line of `results.ndjson`: header, outcomes, footer. No footer: incomplete, never green. */
export const ResultLine = z.discriminatedUnion('kind', [Header, Outcome, Footer]);
export type ResultLine = z.infer<typeof ResultLine>;
