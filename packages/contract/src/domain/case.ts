import { z } from 'zod';
import { Target } from './target.js';
import { Name } from './values.js';

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
