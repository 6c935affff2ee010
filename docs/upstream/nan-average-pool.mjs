// The average of a window that holds NaN is -Infinity.
import { compare, tf } from './compare.mjs';

export default await compare(['wasm'], {
  'avgPool of the window [NaN 1; 2 3]': [
    [NaN],
    () => tf.avgPool(tf.tensor4d([NaN, 1, 2, 3], [1, 2, 2, 1]), 2, 2, 'valid'),
  ],
});
