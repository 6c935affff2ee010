// The gradient of max pooling where a window's maximum is negative or zero: lost, or added to the first element.
import { compare, tf } from './compare.mjs';

export default await compare(['wasm'], {
  'gradient of maxPool, windows [-4 -2; -3 -1] and [-1 -9; 0 -9]': [
    [0, 0, 0, 0, 0, 1, 1, 0],
    () => tf.grad((x) => tf.maxPool(x, 2, 2, 'valid'))(tf.tensor4d([-4, -2, -1, -9, -3, -1, 0, -9], [1, 2, 4, 1])),
  ],
});
