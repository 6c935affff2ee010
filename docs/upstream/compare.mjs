/**
 * For the reproductions in this folder: asks TF.js on several backends, and prints its answers next to the right ones.
 * TF.js only: nothing of Touchstone. `tensorflow` needs "npm run setup:tensorflow", or an installed tfjs-node.
 */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
export const tf = require('@tensorflow/tfjs');

const folder = fileURLToPath(new URL('../../.touchstone/tensorflow/', import.meta.url));
const openers = {
  cpu: () => {},
  wasm: () => require('@tensorflow/tfjs-backend-wasm'),
  tensorflow: () => {
    if (!existsSync(folder)) return require('@tensorflow/tfjs-node');
    process.env.TF_CPP_MIN_LOG_LEVEL ??= '3';
    const fromPackage = createRequire(`${folder}node_modules/@tensorflow/tfjs-node-gpu/dist/index.js`);
    const { NodeJSKernelBackend } = fromPackage('./nodejs_kernel_backend.js');
    const backend = new NodeJSKernelBackend(fromPackage(`${folder}tfjs_binding.node`), 'tfjs-node');
    fromPackage('./register_all_kernels.js');
    tf.registerBackend('tensorflow', () => backend);
  },
};

/** Whether the backend could be selected. */
async function select(backend) {
  try {
    if (!tf.engine().registryFactory[backend]) openers[backend]();
    return await tf.setBackend(backend);
  } catch {
    return false;
  }
}

/** Kernels that leave part of their result unwritten show what was in memory before: here 12345. */
function stainMemory() {
  tf.dispose(Array.from({ length: 64 }, (_, i) => tf.fill([i + 1], 12_345)));
}

function answerOf(run) {
  stainMemory();
  try {
    return Array.from(tf.tidy(run).dataSync());
  } catch (error) {
    return error instanceof Error ? error.message.split('\n')[0] : String(error);
  }
}

const written = (answer) =>
  typeof answer === 'string' ? `throws: ${answer}` : answer.map((value) => Number(value.toPrecision(6))).join(' ');

/** Equal up to rounding; NaN equals NaN. */
const isEqual = (got, expected) =>
  typeof got !== 'string' &&
  got.length === expected.length &&
  got.every(
    (value, i) => Object.is(value, expected[i]) || Math.abs(value - expected[i]) <= 1e-4 * Math.abs(expected[i]),
  );

/**
 * @param {string[]} backends
 * @param {Record<string, [expected: number[], run: () => unknown]>} questions `run` returns a tensor
 * @param {{ dependsOnProcessor?: boolean }} options whether some processors answer rightly
 * @returns {Promise<{ backend: string, question: string, isRight: boolean | null }[]>} null: no such backend here, or
 *   the answer is right and others' may not be
 */
export async function compare(backends, questions, { dependsOnProcessor = false } = {}) {
  const rows = [];
  tf.enableProdMode();
  for (const backend of backends) {
    const isThere = await select(backend);
    if (!isThere) console.log(`${backend}: not set up`);
    for (const [question, [expected, run]] of Object.entries(questions)) {
      const got = isThere ? answerOf(run) : null;
      if (isThere)
        console.log(`${backend}: ${question}\n    expected  ${written(expected)}\n    got       ${written(got)}`);
      const isRight = got && isEqual(got, expected);
      rows.push({ backend, question, isRight: isRight && dependsOnProcessor ? null : isRight });
    }
  }
  return rows;
}
