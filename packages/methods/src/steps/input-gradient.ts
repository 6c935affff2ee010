/** Saliency, deconvolution and guided backpropagation: the gradient of the target with respect to the picture, under one ReLU rule or another. */
import type * as tf from '@tensorflow/tfjs-core';
import { clone, grad, Variable, type GradientRules, type Network } from '@touchstone/network';
import { z } from 'zod';
import type { Target } from '@touchstone/contract';
import { displayGradient, displayParameter, type Display } from './display.js';
import type { Method } from '../core/method.js';
import { Reduce, reduceChannels } from './reduce.js';
import { asLogits, logitSeed, type Seed } from '../core/target.js';

/** The steps of the formula; a mutant replaces one. */
export interface InputGradientSteps {
  readonly rules: Partial<GradientRules>;
  readonly seed: Seed;
  readonly display: Display;
  readonly reduce: typeof reduceChannels;
}

export const plainSteps: InputGradientSteps = {
  rules: {},
  seed: logitSeed,
  display: displayGradient,
  reduce: reduceChannels,
};

/** x [N,H,W,C] → logits [N,classes] and ∂f/∂x [N,H,W,C]. */
export function inputGradient(
  network: Network,
  x: tf.Tensor4D,
  target: Target,
  steps: InputGradientSteps = plainSteps,
): { logits: tf.Tensor2D; gradient: tf.Tensor4D } {
  const input = Variable.leaf(x, { requiresGrad: true });
  return network.withRules(steps.rules, () => {
    const output = network.call(clone(input)); // a leaf cannot be changed in place
    const logits = asLogits(output.value);
    const [gradient] = grad(output, steps.seed(logits, target, network.description.heads), [input]);
    return { logits, gradient: gradient as tf.Tensor4D };
  });
}

type About = Pick<Method, 'id' | 'title' | 'source' | 'image'>;

export function inputGradientMethod(
  about: About,
  defaultReduce: Reduce,
  steps: InputGradientSteps,
): Method<{ reduce: Reduce; display: boolean }> {
  return {
    ...about,
    parallelOver: 'images',
    params: z.strictObject({ reduce: Reduce.default(defaultReduce), display: displayParameter }),
    fixtures: [],
    run: async ({ network, x, target, params }) => {
      const { logits, gradient } = inputGradient(network, x, target, steps);
      const display = params.display ? { display: steps.display(gradient) } : {};
      return { logits, gradient, ...display, attribution: steps.reduce(gradient, params.reduce) };
    },
  };
}
