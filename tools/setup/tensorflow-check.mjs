/**
 * `tensorflow-check.mjs FOLDER [tensorflow | cuda]`: computes a sum and a convolution with the TensorFlow in FOLDER, in
 * this process. Prints the device, or the error.
 */
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './child.mjs';

const [folder, id = 'tensorflow'] = process.argv.slice(2);
const built = join(root, 'packages', 'backends', 'dist');
const from = async (name) => import(pathToFileURL(join(built, name)).href);
const backend =
  id === 'cuda'
    ? (await from('cuda.js')).cudaFrom(resolve(folder))
    : (await from('tensorflow.js')).tensorflowFrom(resolve(folder));
const tf = createRequire(join(built, 'index.js'))('@tensorflow/tfjs-core');

const found = await backend.probe();
const wrong = found.status === 'unavailable' ? `unavailable: ${found.reason}` : whatIsWrong();
console.log(`  ${id}: ${wrong ?? found.device}`);
process.exitCode = wrong ? 1 : 0;

function whatIsWrong() {
  const sum = tf.sum(tf.tensor1d([1, 2, 3.5])).dataSync()[0];
  // 1 2 / 3 4 under a kernel of ones, with zeros around it
  const map = tf
    .conv2d(tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1]), tf.ones([3, 3, 1, 1]), 1, 'same')
    .dataSync()
    .join();
  return sum === 6.5 && map === '10,10,10,10'
    ? undefined
    : `computes 1 + 2 + 3.5 as ${sum}, and a convolution as ${map} instead of 10,10,10,10`;
}
