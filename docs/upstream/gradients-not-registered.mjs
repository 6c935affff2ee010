// Gradients that need a kernel which the backend does not have.
import { compare, tf } from './compare.mjs';

const x = () => tf.ones([1, 2, 2, 1]);
const kernel = () => tf.ones([2, 2, 1, 1]);
export default await compare(['wasm'], {
  'gradient of conv2d at its kernel': [[1, 1, 1, 1], () => tf.grad((w) => tf.conv2d(x(), w, 1, 'valid'))(kernel())],
  'gradient of depthwiseConv2d at its input': [
    [1, 1, 1, 1],
    () => tf.grad((v) => tf.depthwiseConv2d(v, kernel(), 1, 'valid'))(x()),
  ],
  'gradient of gather': [[1, 0, 2], () => tf.grad((v) => tf.gather(v, tf.tensor1d([2, 0, 2], 'int32')))(tf.ones([3]))],
});
