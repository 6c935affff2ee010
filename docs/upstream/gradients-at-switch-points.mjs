// Derivatives where a function has no single one. Right is what PyTorch, and TensorFlow in Python, answer.
import { compare, tf } from './compare.mjs';

export default await compare(['cpu', 'wasm', 'tensorflow'], {
  'gradient of relu6 at 6': [[0], () => tf.grad(tf.relu6)(tf.tensor1d([6]))],
  'gradient of abs at 0': [[0], () => tf.grad(tf.abs)(tf.tensor1d([0]))],
  'gradient of max of 2 2 1': [[0.5, 0.5, 0], () => tf.grad((x) => tf.max(x))(tf.tensor1d([2, 2, 1]))],
});
