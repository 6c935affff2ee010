import * as tf from '@tensorflow/tfjs-core';
import { TouchstoneError, type NetworkDescription, type Stages, type Target } from '@touchstone/contract';
import { constant, fromHost, toHost, Variable, type Network } from '@touchstone/network';
import { z } from 'zod';
import { orOne } from '../steps/display.js';
import { inputGradient } from '../steps/input-gradient.js';
import { iterate } from '../core/iterate.js';
import { declaresNothing, type Method, type Postcondition } from '../core/method.js';
import { asLogits, resolveByPass } from '../core/target.js';

const Params = z.strictObject({
  rate: z.number().positive().default(1).describe("length of a step, in units of the network's input"),
  steps: z.number().int().min(1).max(100_000).default(100).describe('at most'),
  compare: z.number().int().min(1).max(20).default(3).describe('how many of the first steps are stages'),
});
type Params = z.infer<typeof Params>;

/** The steps of the formula, NHWC; a mutant replaces one. */
export interface FoolingSteps {
  /** g [N,H,W,C] → g/‖g‖₂ of each image; a gradient that is zero everywhere stays so. */
  readonly normalise: (g: tf.Tensor4D) => tf.Tensor4D;
  /** What is added to each image: +1 climbs the target's logit. */
  readonly direction: number;
  /** x̂ − x as an image in [0,1]. */
  readonly magnify: (difference: tf.Tensor4D, scale: tf.Tensor4D) => tf.Tensor4D;
}

const formula: FoolingSteps = {
  normalise: (g) => {
    // Axis by axis: an engine that adds 150,528 squares one after another in float32 is off by 5e-5 of their norm.
    const squares = tf.sum(tf.sum(tf.sum(tf.square(g), 3, true), 2, true), 1, true);
    return tf.div(g, orOne(tf.sqrt(squares)));
  },
  direction: 1,
  magnify: (difference, scale) =>
    tf.clipByValue(
      tf.add(tf.mul(tf.mul(difference, scale), constant([10], [])), constant([0.5], [])),
      0,
      1,
    ) as tf.Tensor4D,
};

export function foolingImageFrom(changed: Partial<FoolingSteps>): Method<Params> {
  const { normalise, direction, magnify } = { ...formula, ...changed };
  return {
    id: 'fooling-image',
    title: 'Fooling image: small steps along the gradient until the network sees another class',
    source: 'CS231n, assignment 3, "Network Visualization" (make_fooling_image); Szegedy et al. 2014, section 4.1',
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
          step: ({ image, taken }) => {
            const { logits, gradient } = inputGradient(network, image, target);
            const left = notFooled(logits, classes);
            const stride = tf.mul(normalise(gradient), constant([direction * params.rate], []));
            // An image that is done stays exactly as it is.
            return {
              image: tf.add<tf.Tensor4D>(image, tf.mul(tf.reshape(left, [-1, 1, 1, 1]), stride)),
              left,
              taken: tf.add<tf.Tensor1D>(taken, left),
            };
          },
          compared: params.compare,
          onCompared: ({ image }, number) => void (images[`image-${number}`] = image.clone()),
          image: 'image',
          text: async ({ left }) => {
            const open = Array.from(await left.data()).filter((one) => one !== 0).length;
            return open === 0 ? 'fooled' : `${open} of ${x.shape[0]} not fooled yet`;
          },
        },
        control,
      );
      const difference = tf.sub<tf.Tensor4D>(images[`image-${params.compare}`]!, x);
      const difference10 = magnify(difference, unitsPerInput(network.description, x));
      return { ...first, ...images, difference, difference10, steps: state.taken, attribution: state.image };
    },
    claims: ({ network, x, stages, target, params }) => claimsOf(network, x, stages, target, params),
  };
}

export const foolingImage = foolingImageFrom({});

/** What rounding to float32 may add to the length of the way. */
const roundingOfWay = 1e-3;

/** 1 where the likeliest class is not the wanted one, else 0; [N]. */
function notFooled(logits: tf.Tensor2D, classes: readonly number[]): tf.Tensor1D {
  return tf.cast(tf.notEqual(tf.argMax(logits, 1), tf.tensor1d([...classes], 'int32')), 'float32') as tf.Tensor1D;
}

function wantedClasses(target: Target, images: number): number[] {
  if (!('class' in target))
    throw new TouchstoneError(
      'bad-params',
      'a fooling image needs the class that the network shall see',
      'Give a class as target, or one per image.',
    );
  return Array.isArray(target.class) ? target.class : Array.from({ length: images }, () => target.class as number);
}

/** What one unit of the network's input is in pixels of [0,1], [1,1,1,C]; without preprocessing each image's own range counts as 1, [N,1,1,1]. */
function unitsPerInput({ preprocess }: NetworkDescription, x: tf.Tensor4D): tf.Tensor4D {
  if (preprocess)
    return constant(
      preprocess.std.map((std) => std / 255),
      [1, 1, 1, x.shape[3]],
    ) as tf.Tensor4D;
  const range = tf.sub(tf.max(x, [1, 2, 3], true), tf.min(x, [1, 2, 3], true));
  return tf.div(constant([1], []), orOne(range)) as tf.Tensor4D;
}

async function claimsOf(
  network: Network,
  x: tf.Tensor4D,
  { attribution, steps }: Stages,
  target: Target,
  params: Params,
): Promise<Postcondition[]> {
  const classes = wantedClasses(target, x.shape[0]);
  const image = fromHost(attribution!) as tf.Tensor4D;
  const seen = await toHost(tf.argMax(asLogits(network.call(Variable.leaf(image)).value), 1));
  const way = await toHost(tf.sqrt(tf.sum(tf.square(tf.sub(image, x)), [1, 2, 3])));
  // Somebody else's port need not count.
  const taken = classes.map((_, i) => steps?.data[i] ?? params.steps);
  return [
    {
      name: 'fooled',
      holds: classes.every((wanted, i) => seen.data[i] === wanted),
      text: `the network sees class ${[...seen.data].join(', ')}; wanted is ${classes.join(', ')}`,
    },
    {
      name: 'in time',
      holds: taken.every((count) => count <= params.steps),
      text: `${taken.join(', ')} steps, at most ${params.steps}`,
    },
    {
      name: 'near',
      holds: taken.every((count, i) => way.data[i]! <= count * params.rate * (1 + roundingOfWay)),
      text: `it is ${[...way.data].map((length) => Number(length.toPrecision(4))).join(', ')} away from the image; ${taken.join(', ')} steps of ${params.rate}`,
    },
  ];
}
