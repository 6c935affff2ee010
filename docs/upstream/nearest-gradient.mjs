// The gradient of nearest-neighbour resizing with half-pixel centres is computed on another grid than the forward pass.
import { compare, tf } from './compare.mjs';

const enlarge = (x) => tf.image.resizeNearestNeighbor(x, [1, 5], false, true);
export default await compare(['cpu', 'wasm', 'tensorflow'], {
  'gradient of resizeNearestNeighbor; 1 2 3 becomes 1 1 2 3 3': [
    [2, 1, 2],
    () => tf.grad(enlarge)(tf.tensor4d([1, 2, 3], [1, 1, 3, 1])),
  ],
});
