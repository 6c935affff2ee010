// Pooling with dimRoundingMode 'ceil', 5×5 by 2×2: three windows along each axis, the last one half outside.
import { compare, tf } from './compare.mjs';

const x = () => tf.reshape(tf.range(1, 26), [1, 5, 5, 1]);
export default await compare(['wasm', 'tensorflow'], {
  'maxPool with ceil': [[7, 9, 10, 17, 19, 20, 22, 24, 25], () => tf.maxPool(x(), 2, 2, 0, 'ceil')],
  'avgPool with ceil': [[4, 6, 7.5, 14, 16, 17.5, 21.5, 23.5, 25], () => tf.avgPool(x(), 2, 2, 0, 'ceil')],
});
