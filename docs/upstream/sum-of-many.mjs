// A sum is added up one by one in float32: the error grows with the number of values, here to 1 %.
import { compare, tf } from './compare.mjs';

export default await compare(['wasm'], {
  'sum of a million times 0.1': [[100_000], () => tf.sum(tf.fill([1_000_000], 0.1))],
});
