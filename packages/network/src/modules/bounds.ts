/**
 * What one pass may run and hold, for one image: a few hundred bytes of network.json can ask for more than any machine
 * has. The limits are an order of magnitude above those of large networks on large images (VGG-19 on 2048 × 2048).
 */
import { TouchstoneError, valuesIn, type NetworkDescription } from '@touchstone/contract';
import { resolve } from './resolve.js';
import { shapesOf, type Shapes, type Step } from './shapes.js';

const maxRuns = 100_000;
const maxInput = 2 ** 26;
/** Values of one tensor, and of all in a pass: the first number, or so many per value of the input. */
const tensorLimit = [2 ** 24, 1024] as const;
const passLimit = [2 ** 28, 16_384] as const;
/** Multiplications and additions, or the values that poolings read. */
const maxWork = 1e13;

/**
 * @param label the file or folder, for errors
 * @returns the shapes for one image; null where a layer does not fit its input
 * @throws `bad-network` with the path of the module that is too much
 */
export function checkBounds(description: NetworkDescription, label: string): Shapes | null {
  const tooMuch = (where: string, what: string, hint: string) =>
    new TouchstoneError('bad-network', `${label}: ${where ? `"${where}"` : 'the network'} ${what}`, hint);
  countRuns(description, (where, what) => tooMuch(where, what, 'Call shared containers less often.'));
  const input = [1, ...description.input.shape];
  const inputValues = valuesIn(input);
  if (inputValues > maxInput)
    throw tooMuch('', `has an input of ${inputValues} values; at most ${maxInput} are allowed`, 'Use smaller images.');
  const most = ([fixed, perValue]: readonly [number, number]) => Math.max(fixed, perValue * inputValues);
  let [total, work] = [0, 0];
  return shapesOf(description, input, (step) => {
    const hint = 'Check its padding, its output size and the input shape of the network.';
    const values = step.largest;
    if (values > most(tensorLimit))
      throw tooMuch(step.where, `makes ${values} values of one image; at most ${most(tensorLimit)} are allowed`, hint);
    total += values;
    work += workOf(step);
    if (total > most(passLimit))
      throw tooMuch(step.where, `is where a pass exceeds ${most(passLimit)} values of one image`, hint);
    if (work > maxWork) throw tooMuch(step.where, `is where a pass exceeds ${maxWork} multiplications`, hint);
  });
}

/** Calls of leaves, functions and containers, each counted as often as it runs. */
function countRuns(description: NetworkDescription, tooMany: (path: string, what: string) => Error): void {
  const counted = new Map<string, number>();
  const runs = (path: string): number => {
    const known = counted.get(path);
    if (known !== undefined) return known;
    const module = description.modules[path]!;
    if (!('calls' in module)) return 0;
    let count = 0;
    for (const call of module.calls) count += 1 + ('module' in call ? runs(resolve(description, call.module)) : 0);
    if (count > maxRuns) throw tooMany(path, `runs ${count} calls; at most ${maxRuns} are allowed`);
    counted.set(path, count);
    return count;
  };
  runs('');
}

/** Of poolings the values that they read. */
function workOf({ attributes, shape, multiplyAdds }: Step): number {
  const { kernelSize: [height, width] = [1, 1] } = attributes as { kernelSize?: readonly [number, number] };
  return Math.max(multiplyAdds, valuesIn(shape) * height * width);
}
