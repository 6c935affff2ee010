// Average pooling with padding 'same' divides by the pixels that are inside; its gradient divides by all of the window.
import { compare, tf } from './compare.mjs';

export default await compare(['cpu', 'wasm'], {
  'gradient of avgPool, 3×3 by 2×2 with stride 2: each window adds up to 1': [
    [0.25, 0.25, 0.5, 0.25, 0.25, 0.5, 0.5, 0.5, 1],
    () => tf.grad((x) => tf.avgPool(x, 2, 2, 'same'))(tf.ones([1, 3, 3, 1])),
  ],
});
