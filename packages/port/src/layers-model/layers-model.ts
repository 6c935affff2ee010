import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs-layers';
import * as tfc from '@tensorflow/tfjs-core';
import type { HostTensor, NetworkDescription } from '@touchstone/contract';
import { operationsOf, type Operation } from '@touchstone/network';
import type { TensorFlow } from './custom-layers.js';
import { layersFor, type Layers } from './layers.js';

/**
 * The network as a model of Keras: input [N,H,W,C], output as PyTorch's. Its layers have the names of the operations,
 * see `Operation.name`; the layers of padding and permutation that an operation needs have names of their own after it.
 *
 * @param weights under PyTorch's names
 * @param size of the images: H, W
 * @throws `unsupported` with the name of the operation that cannot be expressed
 */
export function layersModel(
  tf: TensorFlow,
  description: NetworkDescription,
  weights: Readonly<Record<string, HostTensor>>,
  [height, width]: readonly [number, number],
): LayersModel {
  const [channels] = description.input.shape;
  const { list, output } = operationsOf(description, [1, channels, height, width]);
  const made = layersFor(tf);
  const known = new Map<string, Layers>();
  const input = tf.input({ name: 'x', shape: [height, width, channels] });
  const values: SymbolicTensor[] = [input];
  for (const operation of list) {
    const weight = (own: string) => weights[`${operation.name}.${own}`]!;
    const layers = known.get(operation.name) ?? made(operation, weight);
    values.push(applied(layers, operation, values));
    if (!known.has(operation.name)) setWeights(layers);
    known.set(operation.name, layers);
  }
  return tf.model({ name: description.name.replaceAll('/', '_'), inputs: input, outputs: values[output]! });
}

function applied({ before = [], layer }: Layers, { inputs }: Operation, values: readonly SymbolicTensor[]) {
  const given = inputs.map((value) => values[value]!);
  const first = given.length === 1 ? given[0]! : given;
  return [...before, layer].reduce<SymbolicTensor | SymbolicTensor[]>(
    (value, each) => each.apply(value) as SymbolicTensor,
    first,
  ) as SymbolicTensor;
}

function setWeights({ layer, weights }: Layers): void {
  const tensors = weights?.().map(({ data, shape }) => tfc.tensor(Float32Array.from(data), [...shape])) ?? [];
  if (tensors.length > 0) layer.setWeights(tensors);
  tfc.dispose(tensors);
}
