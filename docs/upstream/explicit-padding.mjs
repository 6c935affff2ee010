// A number as padding, which tf.conv2d, tf.maxPool and tf.avgPool document.
import { compare, tf } from './compare.mjs';

const x = () => tf.ones([1, 3, 3, 1]);
export default await compare(['tensorflow'], {
  'conv2d, 2×2 ones, padded by 1': [
    [1, 2, 2, 1, 2, 4, 4, 2, 2, 4, 4, 2, 1, 2, 2, 1],
    () => tf.conv2d(x(), tf.ones([2, 2, 1, 1]), 1, 1, 'NHWC', 1, 'floor'),
  ],
  'maxPool, 3×3, padded by 1': [[1, 1, 1, 1], () => tf.maxPool(x(), 3, 2, 1, 'floor')],
});
