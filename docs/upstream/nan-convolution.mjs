// NaN, also from an overflow inside of the sum, becomes -Infinity, and 0 where a ReLU is fused.
import { compare, tf } from './compare.mjs';

const x = () => tf.tensor4d([NaN, 1, -2, 3], [1, 2, 2, 1]);
const all = { filter: tf.ones([1, 1, 1, 1]), strides: 1, pad: 'valid' };
export default await compare(['wasm'], {
  conv2d: [[NaN, 1, -2, 3], () => tf.conv2d(x(), all.filter, 1, 'valid')],
  'fused.conv2d and relu': [[NaN, 1, 0, 3], () => tf.fused.conv2d({ x: x(), ...all, activation: 'relu' })],
  'fused.depthwiseConv2d and relu6': [
    [NaN, 1, 0, 3],
    () => tf.fused.depthwiseConv2d({ x: x(), ...all, activation: 'relu6' }),
  ],
});
