// The sign of NaN is 0.
import { compare, tf } from './compare.mjs';

export default await compare(['cpu', 'wasm'], { sign: [[NaN, -1], () => tf.sign(tf.tensor1d([NaN, -3]))] });
