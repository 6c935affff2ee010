/** What a method is. Adding one: a folder with these, and a line in `registry.ts`. */
import type * as tf from '@tensorflow/tfjs-core';
import type { HostTensor, Target } from '@touchstone/contract';
import type { Network } from '@touchstone/network';
import type { z } from 'zod';

/** How a picture is made of the attribution; see methods.md, "Pictures". */
export type PictureStyle = 'gradient' | 'guided' | 'deconv' | 'heatmap' | 'maps';

export interface MethodJob<Params> {
  readonly network: Network;
  /** The preprocessed pictures, NHWC. */
  readonly x: tf.Tensor4D;
  readonly target: Target;
  readonly params: Params;
  /** Stored randomness, NCHW. */
  readonly fixtures: Readonly<Record<string, HostTensor>>;
}

export interface Method<Params = unknown> {
  readonly id: string;
  readonly title: string;
  /** Paper, section, equation. */
  readonly source: string;
  readonly params: z.ZodType<Params>;
  /** Names of the fixtures that the method takes. */
  readonly fixtures: readonly string[];
  /** null: there is nothing to look at. */
  readonly picture: PictureStyle | null;
  /** Stage → tensor (NHWC if 4-D) in order of computation; `attribution` always. Runs inside a scope that disposes them. */
  run(job: MethodJob<Params>): Promise<Record<string, tf.Tensor>>;
}
