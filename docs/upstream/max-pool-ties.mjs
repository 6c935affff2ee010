// The gradient of max pooling over equal values. PyTorch and TensorFlow: to the first of them, in row-major order.
import { compare, tf } from './compare.mjs';

export default await compare(['wasm'], {
  'gradient of maxPool, windows [5 5; 5 5] and [0 7; 7 7]': [
    [1, 0, 0, 1, 0, 0, 0, 0],
    () => tf.grad((x) => tf.maxPool(x, 2, 2, 'valid'))(tf.tensor4d([5, 5, 0, 7, 5, 5, 7, 7], [1, 2, 4, 1])),
  ],
});
