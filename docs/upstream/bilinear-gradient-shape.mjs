// The gradient of bilinear resizing has its height and width exchanged: only square images work.
import { compare, tf } from './compare.mjs';

export default await compare(['cpu'], {
  'gradient of resizeBilinear, from 1×2 to 1×2': [
    [1, 1],
    () => tf.grad((x) => tf.image.resizeBilinear(x, [1, 2]))(tf.ones([1, 1, 2, 1])),
  ],
});
