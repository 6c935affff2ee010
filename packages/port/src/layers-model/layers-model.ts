import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs-layers';
import * as tfc from '@tensorflow/tfjs-core';
import type { HostTensor, NetworkDescription } from '@touchstone/contract';
import { operationsOf, type Operation } from '@touchstone/network';
import type { TensorFlow } from './tensorflow.js';
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
    const { name } = operation;
    const weight = (own: string) => weights[`${name}.${own}`]!;
    const layers = known.get(name) ?? made({ ...operation, name: allowed(name) }, weight);
    values.push(applied(tf, layers, operation, values));
    if (!known.has(name)) setWeights(layers);
    known.set(name, layers);
  }
  for (const [name, { layer }] of known) layer.name = name;
  return tf.model({ name: allowed(description.name), inputs: input, outputs: values[output]! });
}

/** Keras wants a letter or a digit first; PyTorch's modules often begin with an underscore. */
function allowed(name: string): string {
  return /^[A-Za-z0-9][\w./-]*$/.test(name) ? name : `layer/${name.replace(/[^\w./-]/g, '_')}`;
}

function applied(
  tf: TensorFlow,
  { before = [], layer }: Layers,
  { inputs, call }: Operation,
  values: readonly SymbolicTensor[],
): SymbolicTensor {
  const given = inputs.map((value, i) => {
    if (inputs.indexOf(value) === i) return values[value]!;
    // `predict` of TF.js 4.22 disposes too early what one layer takes twice.
    const copy = tf.layers.activation({ activation: 'linear', name: `${layer.name}/copy-${call}-${i}` });
    return copy.apply(values[value]!) as SymbolicTensor;
  });
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
