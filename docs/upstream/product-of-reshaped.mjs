// Wasm packs the second matrix once for its data, whatever shape they have later.
import { compare, tf } from './compare.mjs';

export default await compare(['wasm'], {
  'matMul of a column by the row [1,2,3], multiplied as a column before': [
    [1, 2, 3, 2, 4, 6],
    () => {
      const y = tf.tensor2d([1, 2, 3], [3, 1]);
      tf.matMul(tf.ones([1, 3]), y);
      return tf.matMul(tf.tensor2d([1, 2], [2, 1]), tf.reshape(y, [1, 3]));
    },
  ],
});
