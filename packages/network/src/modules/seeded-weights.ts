/** Weights that are not stored: `network.json` has the seed of the generator that draws them. */
import { TouchstoneError, type HostTensor, type NetworkDescription } from '@touchstone/contract';
import { drawUniform } from '../generator.js';
import { weightShapes } from './leaves.js';

/** The number of values in the largest weights.safetensors that is read. */
const maxValues = 510 * 2 ** 20;

/**
 * `state_dict` name → tensor: drawn on every read and not kept, so that a large network is never in plain memory as a
 * whole.
 *
 * @param seed `weights.seed` of the description
 * @throws `bad-network` where there are too many values
 */
export function seededWeights(description: NetworkDescription, seed: number): Record<string, HostTensor> {
  const shapes = weightShapes(description);
  const values = [...shapes.values()].reduce((sum, shape) => sum + size(shape), 0);
  if (values > maxValues) {
    throw new TouchstoneError(
      'bad-network',
      `weights of ${description.name}: ${values} values; at most ${maxValues} are drawn`,
      'Check the sizes in "modules", and export the network again.',
    );
  }
  const weights: Record<string, HostTensor> = {};
  for (const [name, shape] of shapes) {
    const read = (): HostTensor => ({
      shape,
      data: drawUniform(seed, name, size(shape), ...spreadOf(name, description, shapes)),
    });
    Object.defineProperty(weights, name, { enumerable: true, configurable: true, get: read });
  }
  return weights;
}

type Spread = readonly [centre: number, half: number];

/** Of batch normalisations. */
const statistics: Readonly<Record<string, Spread>> = {
  weight: [1, 0.5],
  bias: [0, 0.3],
  running_mean: [0, 0.4],
  running_var: [1.2, 0.8],
};

/**
 * Weights of convolutions and linear layers have the variance 2/fan_in (He et al. 2015); so have the tensors named
 * `weight` of a container, unless they scale.
 */
function spreadOf(
  name: string,
  { modules }: NetworkDescription,
  shapes: ReadonlyMap<string, readonly number[]>,
): Spread {
  const dot = name.lastIndexOf('.');
  const own = name.slice(dot + 1);
  const module = modules[name.slice(0, Math.max(0, dot))]!;
  if ('type' in module && module.type === 'BatchNorm2d') return statistics[own]!;
  const isOfContainer = 'calls' in module;
  if (isOfContainer && /running_(mean|var)$/.test(own)) return statistics[own.slice(own.indexOf('running'))]!;
  if (own === 'bias' || (isOfContainer && own.endsWith('_bias'))) return [-0.05, 0.2];
  const shape = shapes.get(name)!;
  if (!isOfContainer || (own.endsWith('weight') && shape.length > 1)) return [0, Math.sqrt(6 / size(shape.slice(1)))];
  return shape.length === 1 ? [1, 0.5] : [0, 0.3];
}

function size(shape: readonly number[]): number {
  return shape.reduce((product, dimension) => product * dimension, 1);
}
