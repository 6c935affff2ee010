// log(exp(-Infinity) + exp(-Infinity)) is -Infinity; the maximum that is subtracted first makes it NaN.
import { compare, tf } from './compare.mjs';

export default await compare(['cpu', 'wasm', 'tensorflow'], {
  logSumExp: [[-Infinity], () => tf.logSumExp(tf.tensor1d([-Infinity, -Infinity]))],
});
