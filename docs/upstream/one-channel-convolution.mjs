// One channel, and a stride along an axis that only one window fits: values near the edge are wrong, on some processors
// (not on an AMD EPYC whose widest vectors are AVX2).
import { compare, tf } from './compare.mjs';

export default await compare(
  ['tensorflow'],
  {
    'conv2d of 6×4 ones by 3×3 ones, stride 1×2': [
      Array(16).fill(9),
      () => tf.conv2d(tf.ones([2, 6, 4, 1]), tf.ones([3, 3, 1, 2]), [1, 2], 'valid'),
    ],
  },
  { dependsOnProcessor: true },
);
