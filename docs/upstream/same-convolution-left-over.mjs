// Padding 'same', a kernel narrower than its stride: rows that no window covers make the whole answer 0.
import { compare, tf } from './compare.mjs';

export default await compare(['wasm'], {
  'conv2d of 4×3 ones by 1×3 ones, stride 2×1, same': [
    [2, 3, 2, 2, 3, 2],
    () => tf.conv2d(tf.ones([1, 4, 3, 1]), tf.ones([1, 3, 1, 1]), [2, 1], 'same'),
  ],
});
