// tf.test_util.expectArraysClose, which ports use in their tests, accepts what is far apart. Right: an error, here 1.
import { compare, tf } from './compare.mjs';

function refuses(actual, expected) {
  try {
    tf.test_util.expectArraysClose(actual, expected);
    return tf.tensor1d([0]);
  } catch {
    return tf.tensor1d([1]);
  }
}

export default await compare(['cpu'], {
  'NaN for Infinity': [[1], () => refuses([NaN], [Infinity])],
  'zeros for a gradient of 1e-4': [[1], () => refuses([0, 0], [1e-4, -1e-4])],
});
