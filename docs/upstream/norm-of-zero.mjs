// The gradient of the Euclidean norm at zero. PyTorch: 0, a subgradient.
import { compare, tf } from './compare.mjs';

export default await compare(['cpu', 'wasm', 'tensorflow'], {
  'gradient of norm at 0 0': [[0, 0], () => tf.grad((x) => tf.norm(x))(tf.tensor1d([0, 0]))],
});
