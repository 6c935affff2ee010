/** What `fuzz --json` and `fuzz corpus --json` print. */
import { HookProgram, NetworkDescription, Target } from '@touchstone/contract';
import { z } from 'zod';

const count = z.number().int().nonnegative();

const DisagreementHead = {
  difference: z.string(),
  /** `--seed` and `--path` of the same program or case. */
  seed: z.number().int(),
  path: z.string(),
  shrinks: count,
  description: NetworkDescription,
  target: Target,
};
const DisagreementCode = { python: z.string(), typescript: z.string() };

export const fuzz = z.object({
  torch: z.string(),
  seed: z.number().int(),
  programs: count,
  stages: count,
  milliseconds: z.number().nonnegative(),
  disagreement: z
    .object({
      ...DisagreementHead,
      program: HookProgram,
      ...DisagreementCode,
    })
    .nullable(),
});

export const fuzzMethods = z.object({
  backend: z.string(),
  /** PyTorch's version; null: compared with float64 only. */
  torch: z.string().nullable(),
  seed: z.number().int(),
  cases: count,
  /** How each case was decided: `close`, `switchPoints`, `rounding`, `float64`, `refused`. */
  decisions: z.record(z.string(), count),
  milliseconds: z.number().nonnegative(),
  disagreement: z
    .object({
      ...DisagreementHead,
      method: z.string(),
      params: z.record(z.string(), z.unknown()),
      ...DisagreementCode,
    })
    .nullable(),
});

export const fuzzCorpus = z.object({
  programs: count,
  files: z.array(z.string()),
  /** The number of programs with each combination of a hook and its act. */
  coverage: z.record(z.string(), count),
});
