import { z } from 'zod';

export const Status = z.enum(['passed', 'failed', 'skipped', 'errored']);
export type Status = z.infer<typeof Status>;

/** The most machines that share a run. */
export const maxShards = 100_000;

/** The check that decided over a failure. */
export const Check = z.enum(['shape', 'non-finite', 'e2', 'eMax', 'repeat', 'leak', 'stages', 'postcondition']);
export type Check = z.infer<typeof Check>;

const count = z.number().int().nonnegative();
/** Which part of which plan a run is. Two runs have the same hash if they judge parts of the same. */
export const Part = z
  .object({
    /** SHA-256 of everything that decides what is judged, the number of shards included. */
    hash: z.string().regex(/^[0-9a-f]{64}$/),
    /** From 1; null: all of them, merged. */
    shard: z.number().int().min(1).max(maxShards).nullable(),
    shards: z.number().int().min(1).max(maxShards),
    /** The number of cases of the whole plan. */
    total: count,
    /** The places of this part's cases in the plan, ascending. */
    places: z.array(count),
    /** Methods that were asked for by name: where nothing of one is judged, the run has not passed. */
    named: z.array(z.string()).default([]),
    /** The words of the command that select what is judged, so that it can be given again. */
    words: z.array(z.string()).default([]),
  })
  .refine(
    ({ places, total }) => places.every((place, i) => place < total && (i === 0 || place > places[i - 1]!)),
    '"places" must ascend below "total"',
  );
export type Part = z.infer<typeof Part>;

/** The first line of results.ndjson: what was tested, with what, where. */
export const Header = z.object({
  kind: z.literal('header'),
  version: z.literal(2),
  touchstone: z.string(),
  started: z.string(),
  /** Hash of `golden/manifest.json`. */
  golden: z.string(),
  port: z.strictObject({ name: z.string(), version: z.string() }),
  /** The options that chose the port, the network and the image, as they were given: what repeats a case. */
  given: z
    .object({
      port: z.string(),
      outputs: z.string(),
      /** The folder with the goldens. */
      golden: z.string(),
      network: z.array(z.string()),
      image: z.string(),
      /** A folder, or a pattern of files. */
      images: z.string(),
      input: z.array(z.string()),
      target: z.string(),
      set: z.array(z.string()),
      /** In seconds. */
      deadline: z.number(),
    })
    .partial()
    .optional(),
  backends: z.array(
    z.object({
      id: z.string(),
      device: z.string(),
      /** `float16`: judged with the tolerances of half precision. */
      precision: z.string(),
      /** Whether a program on the CPU replaces the GPU that the backend is made for. */
      softwareRenderer: z.boolean().default(false),
    }),
  ),
  /** Backends that were asked for and cannot run, and why. Their cases are skipped; errored where they are required. */
  unavailable: z.array(z.object({ id: z.string(), reason: z.string() })).default([]),
  machine: z.string(),
  plan: Part.optional(),
});
export type Header = z.infer<typeof Header>;

const Subject = {
  kind: z.literal('outcome'),
  case: z.string(),
  method: z.string(),
  network: z.string(),
  backend: z.string(),
};
const Cost = {
  /** One run; absent where it was not measured. */
  milliseconds: z.number().optional(),
  /**
   * The most memory that the backend's process held during the case, in bytes; absent where the system does not say.
   */
  peakBytes: z.number().optional(),
};
const measures = ['e2', 'eMax', 'allowed', 'allowedMax', 'ratio'] as const;
const Measured = {
  e2: z.number(),
  eMax: z.number(),
  /** The largest `e2` and `eMax` that pass. */
  allowed: z.number(),
  allowedMax: z.number(),
  /** The larger of `e2/allowed` and `eMax/allowedMax`. */
  ratio: z.number(),
};
/** One compared stage of an answer, in four digits; without errors where there is no distance. */
export const StageErrors = z.object({
  stage: z.string(),
  agrees: z.boolean(),
  e2: z.number().optional(),
  eMax: z.number().optional(),
  allowed: z.number(),
  allowedMax: z.number(),
});
export type StageErrors = z.infer<typeof StageErrors>;
const Stages = {
  /** Of every compared stage that the answer has, in order of computation. */
  stages: z.array(StageErrors).optional(),
};
/** Nothing that has a distance: another shape, NaN, a missing stage, or postconditions alone. */
const Unmeasured = Object.fromEntries(measures.map((name) => [name, z.never().optional()])) as Record<
  (typeof measures)[number],
  z.ZodOptional<z.ZodNever>
>;

const PassedFields = {
  ...Subject,
  ...Cost,
  status: z.literal('passed'),
  /** The stage with the largest ratio to what is allowed. */
  stage: z.string(),
  ...Stages,
  /** How it passed, where that needs saying. */
  reason: z.string().nullable(),
};
/** The known fault that reproduces the answer. */
export const LikelyCause = z.object({
  /** The same for all outcomes that have it; several faults that come together are joined by ", and". */
  fault: z.string(),
  /** Ids, which `docs/laws-and-mutants.md` explains. */
  mutants: z.array(z.string()),
  /** Nothing else that is known gives the same, and enough numbers show it. */
  certain: z.boolean(),
  /** What to do about it. */
  remedy: z.string().nullable(),
  /** Other faults that reproduce the answer as well. */
  alternatives: z
    .array(z.object({ fault: z.string(), mutants: z.array(z.string()), remedy: z.string().nullable() }))
    .optional(),
});
export type LikelyCause = z.infer<typeof LikelyCause>;
const FailedFields = {
  ...Subject,
  ...Cost,
  status: z.literal('failed'),
  check: Check,
  /** The first stage that differs from the golden. */
  stage: z.string(),
  ...Stages,
  reason: z.string(),
  cause: LikelyCause.optional(),
};
export const Passed = z.union([
  z.object({ ...PassedFields, ...Measured }),
  z.object({ ...PassedFields, ...Unmeasured }),
]);
export type Passed = z.infer<typeof Passed>;
export const Failed = z.union([
  z.object({ ...FailedFields, ...Measured }),
  z.object({ ...FailedFields, ...Unmeasured }),
]);
export type Failed = z.infer<typeof Failed>;
export const Skipped = z.object({
  ...Subject,
  status: z.literal('skipped'),
  reason: z.string(),
  /** Set where the port gave no answer: the method is unsupported, or there is no output. */
  unanswered: z.literal(true).optional(),
  /** Set where expectations.jsonc expects the failure. */
  expected: z.literal(true).optional(),
});
export type Skipped = z.infer<typeof Skipped>;
export const Errored = z.object({
  ...Subject,
  status: z.literal('errored'),
  /** See `errors.ts`. */
  code: z.string(),
  reason: z.string(),
  /** Set where the run that broke also left tensors behind. */
  check: z.literal('leak').optional(),
});
export type Errored = z.infer<typeof Errored>;

/** What became of one case on one backend. */
export const Outcome = z.union([Passed, Failed, Skipped, Errored]);
export type Outcome = z.infer<typeof Outcome>;

/**
 * A known answer that a shard judged next to its cases, to show that it judges: a right one must pass and a wrong one
 * must fail.
 */
export const Control = z.object({
  answer: z.enum(['right', 'wrong']),
  /** What it was judged as. */
  status: Status,
  /** The check that rejected it; null: none did. */
  check: Check.nullable(),
});
export type Control = z.infer<typeof Control>;

/** The last line. A file without it is incomplete, and never green. */
export const Footer = z.object({
  kind: z.literal('footer'),
  passed: z.number().int(),
  failed: z.number().int(),
  skipped: z.number().int(),
  errored: z.number().int(),
  /** Backend → its case with the largest ratio; `ratio` is absent where one failed that has no distance. */
  worst: z
    .record(z.string(), z.object({ ratio: z.number().optional(), case: z.string(), stage: z.string() }))
    .default({}),
  /** Of a shard; the shards' ones, where they are merged. */
  controls: z.array(Control).optional(),
  milliseconds: z.number(),
  /** Rows of expectations.jsonc that the outcomes contradict, and too many skips: the run is not conformant. */
  findings: z.array(z.string()).optional(),
  /** Methods that were asked for by name, and of which nothing was judged. */
  notJudged: z.array(z.string()).optional(),
});
export type Footer = z.infer<typeof Footer>;

/** A line of `results.ndjson`: header, outcomes, footer. */
export const ResultLine = z.union([Header, Outcome, Footer]);
export type ResultLine = z.infer<typeof ResultLine>;
