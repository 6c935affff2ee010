import { z } from 'zod';
import { Name, Size } from './values.js';

/** `a·i+b`; the minus may be − or -, the dot · or *. */
export const binValue = /^([−-]?\d+(?:\.\d+)?)[·*]i(?:([+−-])(\d+(?:\.\d+)?))?$/u;

/**
 * What is explained: a function of the outputs, given as data.
 * `class`: the logit of one class for all images, or of one class per image. `weights`: a weighted sum of logits
 * (a one-hot vector gives the same bits as the class index). `sum`: of heads, each by the expectation of its softmax,
 * where bin i has the value that `expectation` says, such as "3·i−90".
 */
export const Target = z.union([
  z.strictObject({ class: z.union([Size, z.array(Size).min(1)]) }),
  z.strictObject({ weights: z.array(z.number()).min(1) }),
  z.strictObject({
    sum: z
      .array(
        z.strictObject({
          head: z.string(),
          expectation: z.string().max(40).regex(binValue, 'a line over the bins, such as "3·i−90"'),
        }),
      )
      .min(1),
  }),
]);
export type Target = z.infer<typeof Target>;

/** Stages that an answer must have; `attribution` is always one of them. */
export const RequiredStages = z.union([z.literal('every stage'), z.array(z.string().min(1))]);
export type RequiredStages = z.infer<typeof RequiredStages>;

export function isRequired(stage: string, required: RequiredStages): boolean {
  return stage === 'attribution' || required === 'every stage' || required.includes(stage);
}

/** One line of `golden/cases.jsonl`. */
export const CaseRow = z.strictObject({
  /** `method/network/input[/variant]` */
  id: Name,
  method: Name,
  /** Folder under `golden/networks`. */
  network: Name,
  /** File under `golden/inputs`, without `.safetensors`; holds `x`, [N,C,H,W] float32. */
  input: Name,
  /** File under `golden/fixtures`, without `.safetensors`; holds stored randomness, such as `noise`. */
  fixture: Name.optional(),
  target: Target,
  /** Parameters that differ from the method's defaults. */
  params: z.record(z.string(), z.unknown()).default({}),
  /** `quick` cases run in both profiles. */
  profile: z.enum(['quick', 'full']),
  /** The golden keeps only every n-th value of large stages; see `GoldenMeta.sampled`. */
  sampled: z.boolean().default(false),
  /** The stages that the case is about: required of every port, while others may be left out. */
  about: RequiredStages.default([]),
  /** Which mistake this case is there to catch. */
  why: z.string().min(10),
});
export type CaseRow = z.infer<typeof CaseRow>;
