/** What a method is. Adding one: CONTRIBUTING.md, "Adding a method". */
import type * as tf from '@tensorflow/tfjs-core';
import type { HostTensor, Stages, Target } from '@touchstone/contract';
import type { Network } from '@touchstone/network';
import type { z } from 'zod';
import type { AskedTarget } from './target.js';
import type { WorkerPool } from './worker-pool.js';

/** How an image is made of the attribution. */
export type ImageStyle =
  'gradient' | 'guided' | 'deconv' | 'heatmap' | 'maps' | 'kernels' | 'scatter' | 'fooling' | 'pixels';

/** One step of an iterated method. What it reads from the engine it reads when asked. */
export interface Progress {
  /** How many steps are done. */
  readonly step: number;
  /** How many there are at most. */
  readonly steps: number;
  /** For a person: where the objective stands. */
  readonly text: string;
  /** The image as it is now, [N,C,H,W] as the network takes it. */
  frame(): Promise<HostTensor>;
  /** All that `RunControl.from` needs to go on from here and give the same bits. */
  state(): Promise<Stages>;
}

/** Watching, stopping and continuing an iterated method. */
export interface RunControl {
  readonly from?: { readonly step: number; readonly state: Stages };
  /** Ends after the steps that are compared number by number; what comes of the rest is not asked for. */
  readonly comparedOnly?: boolean;
  /** After every step; whoever throws here stops it. */
  onStep?(done: Progress): Promise<void>;
}

/** Something that must hold at the end of an iterated method, whichever way it went. */
export interface Postcondition {
  /** Short, such as "fooled". */
  readonly name: string;
  readonly holds: boolean;
  /** For a person: what was found and what was wanted. */
  readonly text: string;
}

/** An answer, of whose claimed stages the postconditions are examined on an engine of ours. */
export interface PostconditionJob<Params> extends MethodJob<Params> {
  readonly target: Target;
  /** The answer, NCHW. Untrusted: a stage may be missing or of the wrong shape. */
  readonly stages: Stages;
  /** What the golden stores of its own claimed stages. */
  readonly golden: Stages;
}

export interface MethodJob<Params> {
  readonly network: Network;
  /** The preprocessed images, NHWC. */
  readonly x: tf.Tensor4D;
  /** `resolveTarget` makes a target of it. */
  readonly target: AskedTarget;
  readonly params: Params;
  /** Stored randomness, NCHW. */
  readonly fixtures: Readonly<Record<string, HostTensor>>;
  readonly control?: RunControl;
  readonly pool?: WorkerPool;
  /** What the activations of one pass may take, in bytes; left out: a size that fits everywhere. */
  readonly passBytes?: number;
}

/** What holds of a method, for laws and tests: a law holds every method that declares what the law is about. */
export interface Declarations {
  /** Every stage has one row per image, and the row depends on this image alone: a batch is its images. */
  readonly perImage: boolean;
  /** The networks that it explains: any, or those that end in global average pooling and one Linear. */
  readonly networks: 'any' | 'average-pooled';
  /** The targets that it takes: any; classes and weighted sums; or a class only. */
  readonly targets: 'any' | 'linear' | 'class';
  /** Its stage `gradient` is ∂f/∂x, where every ReLU passes the gradient back by this rule. */
  readonly reluRule?: 'plain' | 'deconv' | 'guided';
  /** Stages that are linear in the target. */
  readonly linearInTarget: readonly string[];
  /**
   * Stages that stay the same where hidden channels are permuted, or scaled with their outgoing weights scaled back.
   */
  readonly channelFree: readonly string[];
  /**
   * `normalised` is the non-negative `map` divided by its maximum, image by image; `attribution` is it resized to x.
   */
  readonly normalisedMap: boolean;
  /** In front of global average pooling and one Linear, its `map` times h·w is the positive part of CAM's. */
  readonly extendsCam: boolean;
  /** Parameters with which it takes a few steps or samples only; a layer, where it takes one, is added. */
  readonly brief: Readonly<Record<string, unknown>>;
}

/** Of a method that is not about single images, or of which no law says anything. */
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

export interface Method<Params = unknown> {
  readonly id: string;
  readonly title: string;
  /** Paper, section, equation. */
  readonly source: string;
  readonly params: z.ZodType<Params>;
  /** Stage → shape or meaning, in the order of computation; "…" in a name stands for more of its kind. */
  readonly stages: Readonly<Record<string, string>>;
  readonly declares: Declarations;
  /** Names of the fixtures that the method takes. */
  readonly fixtures: readonly string[];
  /** What it does not look at, and `attribute` need not be given; of an image only the shape counts then. */
  readonly without?: readonly ('image' | 'target')[];
  /** It goes step by step and tells its control. */
  readonly iterated?: boolean;
  /**
   * What a pool may share: whole images, of whose stages each row depends on its own image only; or samples, which
   * the method shares out itself.
   */
  readonly parallelOver?: 'images' | 'samples';
  /** null: there is nothing to look at. */
  readonly image: ImageStyle | null;
  /**
   * Stage → tensor (NHWC if 4-D) in order of computation; `attribution` always. Runs inside a scope that disposes
   * them.
   */
  run(job: MethodJob<Params>): Promise<Record<string, tf.Tensor>>;
  /** Of a method whose end is not compared number by number: what must hold of it. Examined in float64. */
  postconditions?(job: PostconditionJob<Params>): Promise<Postcondition[]>;
}
