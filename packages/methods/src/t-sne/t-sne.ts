import { TouchstoneError } from '@touchstone/contract';
import { constant, toHost } from '@touchstone/network';
import { z } from 'zod';
import { declaresNothing, type Method } from '../core/method.js';
import { activationRows } from './activation-rows.js';
import { postconditionsOf } from './postconditions.js';
import { descend } from './descent-loop.js';
import { affinitiesOf, descentSteps, gradientOf, moved, type DescentSteps } from './descent.js';
import {
  conditionalProbabilities,
  divergence,
  normalised,
  squaredDistances,
  symmetrised,
  type Matrix,
} from './probabilities.js';
import { exploration, momentum } from './schedule.js';
import { storedMotion, storedStart } from './start.js';
import { trustworthiness } from './trustworthiness.js';

/** Each point needs five neighbours; several matrices of N² numbers must fit into memory. */
const [minPoints, maxPoints] = [11, 5000];

const Params = z.strictObject({
  layer: z
    .string()
    .nullable()
    .default(null)
    .describe('module path of the layer to embed; null: the input of the last Linear'),
  perplexity: z
    .number()
    .min(1)
    .max(maxPoints)
    .default(50)
    .describe('effective number of neighbours, 2 to the entropy in bits'),
  exaggeration: z.number().min(1).max(1000).default(12).describe(`factor of P during the first ${exploration} steps`),
  rate: z
    .number()
    .positive()
    .nullable()
    .default(null)
    .describe('learning rate; null: points/exaggeration/4, at least 50'),
  steps: z.number().int().min(exploration).max(100_000).default(1000).describe('the most steps'),
  compare: z.number().int().min(1).max(20).default(3).describe('number of first steps that are stages'),
  seed: z.number().int().min(0).max(0xffffffff).default(0).describe('of the start, if none is stored'),
});
type Params = z.infer<typeof Params>;

/** The steps of the formula; a mutant replaces one. */
export interface TsneSteps extends DescentSteps {
  /** Perplexity → entropy in nats. */
  readonly entropy: (perplexity: number) => number;
  /** ‖aᵢ − aⱼ‖² [N,N] of the activations, as the Gaussians take them. */
  readonly distances: (squared: Matrix) => Matrix;
  readonly symmetrised: (conditional: Matrix) => Matrix;
}

const formula: TsneSteps = { ...descentSteps, entropy: Math.log, distances: (squared) => squared, symmetrised };

export function tsneFrom(changed: Partial<TsneSteps>): Method<Params> {
  const steps = { ...formula, ...changed };
  return {
    id: 't-sne',
    title: "t-SNE: a layer's activations of many images as points of a plane; neighbours stay close",
    source: 'van der Maaten & Hinton 2008; scikit-learn, sklearn.manifold.TSNE, method "exact"',
    image: 'scatter',
    without: ['target'],
    iterated: true,
    params: Params,
    fixtures: ['start', 'embedding', 'update', 'gains', 'labels'],
    stages: {
      activations: '[N,d]',
      conditional: '[N,N]',
      joint: '[N,N]',
      gradient: '[N,2]',
      step: '[N,2]',
      'embedding-1 …': '[N,2]',
      kl: '[1], a postcondition',
      trustworthiness: '[1], a postcondition',
      attribution: '[N,2], a postcondition',
    },
    declares: declaresNothing,
    run: async ({ network, x, params, fixtures, control }) => {
      const points = x.shape[0];
      checkPoints(points, params.perplexity);
      const activations = await activationRows(network, x, params.layer);
      const distances = squaredDistances(activations);
      const conditional = conditionalProbabilities(steps.distances(distances), steps.entropy(params.perplexity));
      const joint = normalised(steps.symmetrised(conditional));
      const P = affinitiesOf(joint);
      const rate = params.rate ?? Math.max(points / params.exaggeration / 4, 50);

      const from = storedMotion(fixtures, points, params.seed);
      const gradient = gradientOf(from.embedding, P, 1, steps);
      const step = moved(from, gradient, momentum.settling, rate, steps).embedding;

      const start = storedStart(fixtures, points, params.seed);
      const { embedding, compared } = await descend({ network, start, P, rate, params, steps, control });
      const { data: end } = await toHost(embedding);
      return {
        activations: constant(activations.data, activations.shape),
        conditional: constant(conditional.data, [points, points]),
        joint: constant(joint.data, [points, points]),
        gradient,
        step,
        ...compared,
        kl: constant([divergence(joint, end)], [1]),
        trustworthiness: constant([trustworthiness(distances, end)], [1]),
        attribution: embedding,
      };
    },
    postconditions: postconditionsOf,
  };
}

export const tsne = tsneFrom({});

function checkPoints(points: number, perplexity: number): void {
  if (points < minPoints || points > maxPoints) {
    throw new TouchstoneError(
      'bad-input',
      `x holds ${points} images; t-SNE takes ${minPoints} to ${maxPoints}`,
      'Give --input FILE.safetensors with x [N,C,H,W].',
    );
  }
  if (perplexity >= points)
    throw new TouchstoneError(
      'bad-params',
      `perplexity is ${perplexity}, but there are only ${points} images`,
      'Set a perplexity of fewer neighbours than there are images.',
    );
}
