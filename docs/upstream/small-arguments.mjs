// log(1+x) and exp(x)-1 near 0, computed as they are written: the digits of x that 1+x cannot hold are lost.
import { compare, tf } from './compare.mjs';

export default [
  ...(await compare(['wasm'], { 'log1p of 1e-6': [[1e-6], () => tf.log1p(tf.tensor1d([1e-6]))] })),
  ...(await compare(['tensorflow'], { 'elu of -1e-6': [[-1e-6], () => tf.elu(tf.tensor1d([-1e-6]))] })),
];
