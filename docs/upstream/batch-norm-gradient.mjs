// The gradient of batch normalisation without scale, which is optional: x is divided by the square root of 4.
import { compare, tf } from './compare.mjs';

export default await compare(['cpu', 'wasm', 'tensorflow'], {
  'gradient of batchNorm': [
    [0.5, 0.5],
    () => tf.grad((x) => tf.batchNorm(x, 0, 4, undefined, undefined, 0))(tf.ones([1, 2])),
  ],
});
