import * as tf from '@tensorflow/tfjs-core';
import { maximum, normalisationOfLevels, type NetworkDescription, type Target } from '@touchstone/contract';
import { constant } from '@touchstone/network';
import { z } from 'zod';
import { orOne } from '../steps/display.js';
import { inputGradient } from '../steps/input-gradient.js';
import { iterate } from '../core/iterate.js';
import { declaresNothing, type Method, type MethodJob, type RunControl } from '../core/method.js';
import { asLogits, resolveByPass } from '../core/target.js';
import { postconditionsOf, wantedClasses } from './postconditions.js';

const Params = z.strictObject({
  rate: z.number().positive().default(1).describe("length of a step, in units of the network's input"),
  steps: z.number().int().min(1).max(100_000).default(100).describe('the most steps'),
  compare: z.number().int().min(1).max(20).default(3).describe('number of first steps that are stages'),
});
type Params = z.infer<typeof Params>;

/** The steps of the formula, NHWC; a mutant replaces one. */
export interface FoolingSteps {
  /** g [N,H,W,C] → g/‖g‖₂ of each image; a gradient of zeros stays zero. */
  readonly normalise: (g: tf.Tensor4D) => tf.Tensor4D;
  /** The sign of each step: +1 raises the target's logit. */
  readonly direction: number;
  /** Which images still move, 1 or 0: `left` are those not fooled yet, `before` those of the step before; [N]. */
  readonly moving: (left: tf.Tensor1D, before: tf.Tensor1D) => tf.Tensor1D;
  /** x̂ − x as an image in [0,1]. */
  readonly magnify: (difference: tf.Tensor4D, scale: tf.Tensor4D) => tf.Tensor4D;
}

const formula: FoolingSteps = {
  normalise: (g) => {
    // Axis by axis: adding 150,528 squares one after another in float32 is off by 5e-5 of their norm.
    const squares = tf.sum(tf.sum(tf.sum(tf.square(g), 3, true), 2, true), 1, true);
    return tf.div(g, orOne(tf.sqrt(squares)));
  },
  direction: 1,
  moving: (left) => left,
  magnify: (difference, scale) =>
    tf.clipByValue(
      tf.add(tf.mul(tf.mul(difference, scale), constant([10], [])), constant([0.5], [])),
      0,
      1,
    ) as tf.Tensor4D,
};

export function foolingImageFrom(changed: Partial<FoolingSteps>): Method<Params> {
  const steps = { ...formula, ...changed };
  return {
    id: 'fooling-image',
    title: 'Fooling image: small steps along the gradient until the network sees another class',
    source: 'CS231n, assignment 3, "Network Visualization" (make_fooling_image); Szegedy et al. 2014, section 4.1',
    makesImage: true,
    iterated: true,
    image: 'fooling',
    params: Params,
    fixtures: [],
    stages: {
      logits: '[N,classes]',
      gradient: '[N,C,H,W]',
      'image-1 …': '[N,C,H,W]',
      difference: '[N,C,H,W]',
      difference10: '[N,C,H,W]',
      steps: '[N], a postcondition',
      attribution: '[N,C,H,W], a postcondition',
    },
    declares: {
      ...declaresNothing,
      perImage: true,
      targets: 'class',
      brief: { steps: 2, compare: 2 },
    },
    run: async ({ network, x, target: asked, params, control }) => {
      const target = await resolveByPass(asked, network, x);
      const classes = wantedClasses(target, x.shape[0]);
      const first = tf.tidy(() => inputGradient(network, x, target));
      const { images, state } = await climb({ network, x, target, classes, params, steps, control });
      const difference = tf.sub<tf.Tensor4D>(images[`image-${params.compare}`]!, x);
      const difference10 = steps.magnify(difference, unitsPerInput(network.description, x));
      return { ...first, ...images, difference, difference10, steps: state.taken, attribution: state.image };
    },
    postconditions: ({ network, x, stages, target, params }) => postconditionsOf(network, x, stages, target, params),
  };
}

export const foolingImage = foolingImageFrom({});

/** 1 where the likeliest class is not the wanted one, else 0; [N]. */
function notFooled(logits: tf.Tensor2D, classes: readonly number[]): tf.Tensor1D {
  return tf.cast(tf.notEqual(tf.argMax(logits, 1), tf.tensor1d([...classes], 'int32')), 'float32') as tf.Tensor1D;
}

interface Climb extends Pick<MethodJob<Params>, 'network' | 'x' | 'params'> {
  readonly control: RunControl | undefined;
  readonly target: Target;
  readonly classes: readonly number[];
  readonly steps: FoolingSteps;
}

/** The state after the last step, and the first images as stages `image-1`, `image-2`, … */
async function climb({ network, x, target, classes, params, steps: { normalise, direction, moving }, control }: Climb) {
  const images: Record<string, tf.Tensor4D> = {};
  const start = {
    image: x.clone(),
    left: tf.ones([x.shape[0]]) as tf.Tensor1D,
    taken: tf.zeros([x.shape[0]]) as tf.Tensor1D,
  };
  const { state } = await iterate(
    {
      network,
      steps: params.steps,
      start,
      isDone: async ({ left }) => Array.from(await left.data()).every((one) => one === 0),
      step: ({ image, taken, left: before }) => {
        const { logits, gradient } = inputGradient(network, image, target);
        const left = notFooled(asLogits(logits), classes);
        const moved = moving(left, before);
        const stride = tf.mul(normalise(gradient), constant([direction * params.rate], []));
        // A finished image does not change any more.
        return {
          image: tf.add<tf.Tensor4D>(image, tf.mul(tf.reshape(moved, [-1, 1, 1, 1]), stride)),
          left,
          taken: tf.add<tf.Tensor1D>(taken, moved),
        };
      },
      compared: params.compare,
      onCompared: ({ image }, number) => void (images[`image-${number}`] = image.clone()),
      image: 'image',
      text: async ({ left, taken }) => {
        const open = Array.from(await left.data()).filter((one) => one !== 0).length;
        if (open > 0) return `${open} of ${x.shape[0]} not fooled yet`;
        const most = maximum(await taken.data());
        return most === 0 ? 'unchanged: the network sees the target already' : `fooled, step ${most} was the last`;
      },
    },
    control,
  );
  return { images, state };
}

/**
 * One unit of the network's input in pixels of [0,1], [1,1,1,C]; without preprocessing each image's own range counts as
 * 1, [N,1,1,1].
 */
function unitsPerInput({ preprocess }: NetworkDescription, x: tf.Tensor4D): tf.Tensor4D {
  if (preprocess)
    return constant(
      normalisationOfLevels(preprocess).std.map((std) => std / 255),
      [1, 1, 1, x.shape[3]],
    ) as tf.Tensor4D;
  const range = tf.sub(tf.max(x, [1, 2, 3], true), tf.min(x, [1, 2, 3], true));
  return tf.div(constant([1], []), orOne(range)) as tf.Tensor4D;
}
