import * as tf from '@tensorflow/tfjs-core';
import { adagrad, adam, rmsprop, startAt, type Optimiser } from '../optimisers.js';
import type { Probe, ProbeInputs } from './probe.js';

const rate = 0.1;

/** TF.js keeps a variable and its optimiser's memory outside of any scope. */
function stockSteps(optimiser: tf.Optimizer, { x, gradients }: ProbeInputs): tf.Tensor {
  const image = tf.variable(x!, true, 'probe');
  try {
    return tf.stack(
      tf.unstack(gradients!).map((gradient) => {
        optimiser.applyGradients([{ name: image.name, tensor: gradient }]);
        return image.clone();
      }),
    );
  } finally {
    image.dispose();
    optimiser.dispose();
  }
}

function ourSteps(optimiser: Optimiser, { x, gradients }: ProbeInputs): tf.Tensor {
  let state = startAt(x!);
  return tf.stack(
    tf.unstack(gradients!).map((gradient, i) => {
      state = optimiser(state, gradient, { rate, step: i + 1 });
      return state.x;
    }),
  );
}

export const optimisers: Readonly<Record<string, Probe>> = {
  adam: { stock: (inputs) => stockSteps(tf.train.adam(rate), inputs), ours: (inputs) => ourSteps(adam, inputs) },
  rmsprop: {
    stock: (inputs) => stockSteps(tf.train.rmsprop(rate), inputs),
    ours: (inputs) => ourSteps(rmsprop, inputs),
  },
  adagrad: {
    stock: (inputs) => stockSteps(tf.train.adagrad(rate), inputs),
    ours: (inputs) => ourSteps(adagrad, inputs),
  },
};
