/** What a method is. To add one, see "Adding a method" in CONTRIBUTING.md. */
import type * as tf from '@tensorflow/tfjs-core';
import type { HostTensor, NetworkDescription, Stages, Target } from '@touchstone/contract';
import type { Network } from '@touchstone/network';
import type { z } from 'zod';
import type { AskedTarget } from './target.js';
import type { WorkerPool } from './worker-pool.js';

/** How the attribution is drawn. */
export type ImageStyle =
  'gradient' | 'guided' | 'deconv' | 'heatmap' | 'maps' | 'kernels' | 'scatter' | 'fooling' | 'pixels';

/** One step of an iterated method. Frame and state are read from the backend when they are called. */
export interface Progress {
  /** Steps done. */
  readonly step: number;
  /** The most steps. */
  readonly steps: number;
  /** The value of the objective, for people. */
  readonly text: string;
  /** The current image, [N,C,H,W] as the network takes it. */
  frame(): Promise<HostTensor>;
  /** Everything that `RunControl.from` needs to resume here with the same bits. */
  state(): Promise<Stages>;
}

/** Watches, stops and resumes an iterated method. */
export interface RunControl {
  readonly from?: { readonly step: number; readonly state: Stages };
  /** Ends after the steps that are compared number by number. */
  readonly comparedOnly?: boolean;
  /** Called after every step; throwing stops the method. */
  onStep?(done: Progress): Promise<void>;
}

/** Something that must hold at the end of an iterated method, whatever its steps were. */
export interface Postcondition {
  /** Short, such as "fooled". */
  readonly name: string;
  readonly holds: boolean;
  /** What was found and what was wanted, for people. */
  readonly text: string;
}

/** An answer whose postconditions are checked on one of our backends. */
export interface PostconditionJob<Params> extends MethodJob<Params> {
  readonly target: Target;
  /** The answer, NCHW. Untrusted: a stage may be missing or of the wrong shape. */
  readonly stages: Stages;
  /** The golden's own stages that postconditions judge, as far as it stores them. */
  readonly golden: Stages;
}

export interface MethodJob<Params> {
  readonly network: Network;
  /** The preprocessed images, NHWC. */
  readonly x: tf.Tensor4D;
  /** Resolved by `resolveTarget`. */
  readonly target: AskedTarget;
  readonly params: Params;
  /** Stored randomness, NCHW. */
  readonly fixtures: Readonly<Record<string, HostTensor>>;
  readonly control?: RunControl;
  readonly pool?: WorkerPool;
  /** The most bytes for the activations of one pass; undefined: a size that fits everywhere. */
  readonly passBytes?: number;
}

/** Properties that laws and tests rely on: a law applies to every method that declares its property. */
export interface Declarations {
  /** Every stage has one row per image, which depends on that image alone, so a batch equals its images. */
  readonly perImage: boolean;
  /** Networks that it explains: any, or those that end in global average pooling and one Linear. */
  readonly networks: 'any' | 'average-pooled';
  /** Targets that it takes: any; classes and weighted sums; or only a class. */
  readonly targets: 'any' | 'linear' | 'class';
  /** Its stage `gradient` is ∂f/∂x, where every ReLU passes the gradient back by this rule. */
  readonly reluRule?: 'plain' | 'deconv' | 'guided';
  /** Stages that are linear in the target. */
  readonly linearInTarget: readonly string[];
  /** Stages that do not change when hidden channels are permuted, or scaled with their outgoing weights scaled back. */
  readonly channelFree: readonly string[];
  /**
   * `normalised` is the non-negative `map` divided by its maximum, image by image; `attribution` is it resized to x.
   */
  readonly normalisedMap: boolean;
  /** Before global average pooling and one Linear, its `map` times h·w is the positive part of CAM's. */
  readonly extendsCam: boolean;
  /** Parameters for few steps or samples; `layer` is added if the method takes one. */
  readonly brief: Readonly<Record<string, unknown>>;
}

/** For methods that do not explain single images, or without laws. */
export const declaresNothing: Declarations = {
  perImage: false,
  networks: 'any',
  targets: 'any',
  linearInTarget: [],
  channelFree: [],
  normalisedMap: false,
  extendsCam: false,
  brief: {},
};

/** Undefined: the network has none. */
export type DefaultModule = (
  description: NetworkDescription,
  input: readonly number[],
  params: Readonly<Record<string, unknown>>,
) => string | undefined;

export interface Method<Params = unknown> {
  readonly id: string;
  readonly title: string;
  /** Paper, section, equation. */
  readonly source: string;
  readonly params: z.ZodType<Params>;
  /**
   * Parameter → the module that null means, from the description and the images' shape [N,C,H,W]. Left out where null
   * means something that is not a module.
   */
  readonly defaultModules?: Readonly<Record<string, DefaultModule>>;
  /** Stage → shape or meaning, in the order of computation; "…" in a name means more of its kind. */
  readonly stages: Readonly<Record<string, string>>;
  readonly declares: Declarations;
  /** Names of its fixtures. */
  readonly fixtures: readonly string[];
  /** Inputs that it does not use, so `attribute` does not need them; of an image only the shape counts. */
  readonly without?: readonly ('image' | 'target')[];
  /**
   * Its `attribution` is an image made for the target. So a person must name the target, and wants to know what the
   * network sees in this image.
   */
  readonly makesImage?: boolean;
  /** It runs step by step and reports to its control. */
  readonly iterated?: boolean;
  /**
   * What a worker pool shares: images, if every row of a stage depends on its own image only; or samples, which the
   * method distributes itself.
   */
  readonly parallelOver?: 'images' | 'samples';
  /** null: it is not drawn. */
  readonly image: ImageStyle | null;
  /**
   * Stage → tensor (NHWC if 4-D) in the order of computation; `attribution` is always there. Runs inside a scope that
   * disposes them.
   */
  run(job: MethodJob<Params>): Promise<Record<string, tf.Tensor>>;
  /** For a method whose end is not compared number by number: what must hold at its end. Checked in float64. */
  postconditions?(job: PostconditionJob<Params>): Promise<Postcondition[]>;
}
