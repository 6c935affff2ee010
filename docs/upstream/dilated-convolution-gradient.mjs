// The gradient of a dilated convolution at its input.
import { compare, tf } from './compare.mjs';

const kernel = () => tf.tensor4d([1, 2, 3, 4], [2, 2, 1, 1]);
export default await compare(['cpu', 'wasm', 'tensorflow'], {
  'gradient of conv2d with dilation 2, 3×3 by 2×2': [
    [1, 0, 2, 0, 0, 0, 3, 0, 4],
    () => tf.grad((x) => tf.conv2d(x, kernel(), 1, 'valid', 'NHWC', 2))(tf.ones([1, 3, 3, 1])),
  ],
});
