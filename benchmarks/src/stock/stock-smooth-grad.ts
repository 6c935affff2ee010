/** SmoothGrad's average gradient with TF.js alone: with the same noise, passes and reading back as ours. */
import * as tf from '@tensorflow/tfjs-core';
import { TouchstoneError, type HostTensor, type Stages } from '@touchstone/contract';
import type { AskedTarget } from '@touchstone/methods';
import { fromHost, scoped, toHost } from '@touchstone/network';
import { z } from 'zod';
import type { StockNetwork } from './stock-network.js';

const Params = z.object({ samples: z.number(), fraction: z.number(), batch: z.number() });

interface Question {
  /** [1,C,H,W] */
  readonly x: HostTensor;
  readonly target: AskedTarget;
  readonly params: Record<string, unknown>;
  readonly fixtures: Readonly<Record<string, HostTensor>>;
}

/** @throws TouchstoneError `unsupported` for a target other than one class */
export async function stockSmoothGrad(
  network: StockNetwork,
  { x: image, target, params, fixtures: { noise } }: Question,
): Promise<Stages> {
  const { samples, fraction, batch } = Params.parse(params);
  if (target === 'likeliest' || !('class' in target) || typeof target.class !== 'number')
    throw new TouchstoneError('unsupported', 'the comparison with stock TF.js needs one class as the target');
  const { class: chosen } = target;
  return scoped(async () => {
    const x = fromHost(image) as tf.Tensor4D;
    const [, h, w, c] = x.shape;
    const sigma = tf.mul(tf.sub(tf.max(x), tf.min(x)), fraction);
    const gradientOf = tf.grad((images) =>
      tf.sum(tf.slice(network.forward(images as tf.Tensor4D) as tf.Tensor2D, [0, chosen], [-1, 1])),
    );
    const size = h * w * c;
    const epsilon = (sample: number): tf.Tensor =>
      noise
        ? fromHost({ shape: image.shape, data: noise.data.subarray(sample * size, (sample + 1) * size) })
        : tf.randomNormal(x.shape, 0, 1, 'float32', sample + 1);
    let sum: tf.Tensor = tf.zerosLike(x);
    for (let first = 0; first < samples; first += batch) {
      const count = Math.min(batch, samples - first);
      const before = sum;
      sum = tf.tidy(() => {
        const noisy = Array.from({ length: count }, (_, i) => tf.add(x, tf.mul(sigma, epsilon(first + i))));
        return tf.add(before, tf.sum(gradientOf(tf.concat(noisy, 0)), 0, true));
      });
      before.dispose();
    }
    return { logits: await toHost(tf.tidy(() => network.forward(x))), average: await toHost(tf.div(sum, samples)) };
  });
}
