// The gradient of max pooling with dimRoundingMode 'ceil': windows that are partly outside get none.
import { compare, tf } from './compare.mjs';

const ceil = (x) => tf.maxPool(x, 2, 2, 0, 'ceil');
export default await compare(['cpu', 'wasm', 'tensorflow'], {
  'gradient of the sum of maxPool with ceil, 3×3 by 2×2': [
    [0, 0, 0, 0, 1, 1, 0, 1, 1],
    () => tf.grad((x) => tf.sum(ceil(x)))(tf.reshape(tf.range(1, 10), [1, 3, 3, 1])),
  ],
});
