// Max pooling skips NaN. PyTorch: a window that holds NaN has the maximum NaN, as tf.max has.
import { compare, tf } from './compare.mjs';

export default await compare(['cpu', 'wasm', 'tensorflow'], {
  'maxPool of the window [NaN 1; 2 3]': [
    [NaN],
    () => tf.maxPool(tf.tensor4d([NaN, 1, 2, 3], [1, 2, 2, 1]), 2, 2, 'valid'),
  ],
});
