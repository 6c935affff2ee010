// NaN is clamped to the lower bound; by tf.relu only NaN with the sign bit, which is what ∞ − ∞ gives.
import { compare, tf } from './compare.mjs';

const matrix = () => tf.tensor2d([NaN, 1], [1, 2]);
export default await compare(['wasm'], {
  'relu of ∞ − ∞': [[NaN], () => tf.relu(tf.sub(tf.tensor1d([Infinity]), tf.tensor1d([Infinity])))],
  relu6: [[NaN, 0, 6], () => tf.relu6(tf.tensor1d([NaN, -1, 7]))],
  clipByValue: [[NaN, 0, 1], () => tf.clipByValue(tf.tensor1d([NaN, -1, 7]), 0, 1)],
  'fused.matMul and relu': [[NaN], () => tf.fused.matMul({ a: matrix(), b: tf.ones([2, 1]), activation: 'relu' })],
});
