// The gradient of bilinear resizing with half-pixel centres is computed on the grid of half_pixel_centers=false. The
// forward pass is right: 0 4 becomes 0 1 3 4, so each of the two has half of the four in each of two rows.
import { compare, tf } from './compare.mjs';

export default await compare(['cpu', 'wasm', 'tensorflow'], {
  'gradient of resizeBilinear from 2×2 to 2×4': [
    [2, 2, 2, 2],
    () => tf.grad((x) => tf.image.resizeBilinear(x, [2, 4], false, true))(tf.ones([1, 2, 2, 1])),
  ],
});
