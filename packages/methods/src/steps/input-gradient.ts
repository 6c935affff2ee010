/**
 * Saliency, deconvolution and guided backpropagation: the gradient of the target with respect to the image, each under
 * its ReLU rule.
 */
import type * as tf from '@tensorflow/tfjs-core';
import { clone, grad, Variable, type GradientRules, type Network } from '@touchstone/network';
import { z } from 'zod';
import type { Target } from '@touchstone/contract';
import { displayGradient, displayParameter, type Display } from './display.js';
import { declaresNothing, type Declarations, type Method } from '../core/method.js';
import { Reduce, reduceChannels } from './reduce.js';
import { targetSeed, type Seed } from '../core/seed.js';
import { asOutput, resolveTarget, type Output } from '../core/target.js';

/** The steps of the formula; a mutant replaces one. */
export interface InputGradientSteps {
  readonly rules: Partial<GradientRules>;
  readonly seed: Seed;
  readonly display: Display;
  readonly reduce: typeof reduceChannels;
}

export const plainSteps: InputGradientSteps = {
  rules: {},
  seed: targetSeed,
  display: displayGradient,
  reduce: reduceChannels,
};

/** x [N,H,W,C] → logits [N,classes] or [N,h,w,classes], and ∂f/∂x [N,H,W,C]. */
export function inputGradient(
  network: Network,
  x: tf.Tensor4D,
  target: Target,
  steps: InputGradientSteps = plainSteps,
): { logits: Output; gradient: tf.Tensor4D } {
  return network.withRules(steps.rules, () => {
    const { logits, gradientOf } = recordPass(network, x);
    return { logits, gradient: gradientOf(steps.seed(logits, target, network.description.heads)) };
  });
}

interface RecordedPass {
  readonly logits: Output;
  /** ∂f/∂x from ∂f/∂output. */
  readonly gradientOf: (seed: tf.Tensor) => tf.Tensor4D;
}

function recordPass(network: Network, x: tf.Tensor4D): RecordedPass {
  const input = Variable.leaf(x, { requiresGrad: true });
  const output = network.call(clone(input)); // a leaf cannot be changed in place
  return {
    logits: asOutput(output.value),
    gradientOf: (seed) => grad(output, seed, [input])[0] as tf.Tensor4D,
  };
}

type About = Pick<Method, 'id' | 'title' | 'source' | 'image'> & Required<Pick<Declarations, 'reluRule'>>;

export function inputGradientMethod(
  { reluRule, ...about }: About,
  defaultReduce: Reduce,
  steps: InputGradientSteps,
): Method<{ reduce: Reduce; display: boolean }> {
  return {
    ...about,
    parallelOver: 'images',
    params: z.strictObject({ reduce: Reduce.default(defaultReduce), display: displayParameter }),
    fixtures: [],
    stages: {
      logits: '[N,classes]',
      gradient: '[N,C,H,W]',
      display: '[N,C,H,W], where asked for',
      attribution: '[N,1,H,W], or [N,C,H,W] where `reduce` is `none`',
    },
    declares: {
      ...declaresNothing,
      perImage: true,
      reluRule: reluRule,
      linearInTarget: reluRule === 'plain' ? ['gradient'] : [],
      channelFree: ['logits', 'gradient', 'attribution'],
    },
    run: async ({ network, x, target, params }) => {
      const { logits, gradient } = await network.withRules(steps.rules, async () => {
        const { logits, gradientOf } = recordPass(network, x);
        const seed = steps.seed(logits, await resolveTarget(target, () => logits), network.description.heads);
        return { logits, gradient: gradientOf(seed) };
      });
      const display = params.display ? { display: steps.display(gradient) } : {};
      return { logits, gradient, ...display, attribution: steps.reduce(gradient, params.reduce) };
    },
  };
}
