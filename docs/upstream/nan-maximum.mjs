// NaN in the second argument is lost.
import { compare, tf } from './compare.mjs';

const pair = () => [tf.tensor1d([NaN, 1]), tf.tensor1d([1, NaN])];
export default await compare(['wasm'], {
  'maximum of NaN 1 and 1 NaN': [[NaN, NaN], () => tf.maximum(...pair())],
  'minimum of NaN 1 and 1 NaN': [[NaN, NaN], () => tf.minimum(...pair())],
});
