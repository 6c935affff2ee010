import { unknownName, type HostTensor, type NetworkDescription } from '@touchstone/contract';
import { operationsOf, type Operation } from '@touchstone/network';
import { Graph, type Value } from './graph.js';
import { addOperation } from './operations.js';

export { opset } from './graph.js';

export interface ForwardOptions {
  /** Height and width of the images; left out: those of the network's own input. */
  readonly size?: readonly [number, number];
  /**
   * Values that the model returns after the logits: the path of a module or the name of another operation, with `#2`
   * for its second call. `all`: every value, in order of execution.
   */
  readonly outputs?: readonly string[] | 'all';
}

/**
 * The network's forward pass as an ONNX model: input `x` [N,C,H,W] with N open, outputs `logits` and those asked for,
 * in float32. Its constants have the names of PyTorch's state_dict, its nodes those of `Operation.name`.
 *
 * @param weights under PyTorch's names
 * @throws `unsupported` with the name of the operation that is not written
 * @throws `unknown-name` for an output that there is not
 */
export function forwardModel(
  description: NetworkDescription,
  weights: Readonly<Record<string, HostTensor>>,
  { size, outputs = [] }: ForwardOptions = {},
): Uint8Array {
  const [channels, ...own] = description.input.shape;
  const x: Value = { name: 'x', shape: [1, channels, ...(size ?? own)] };
  const { list, output } = operationsOf(description, x.shape);
  const values: Value[] = [x];
  const graph = new Graph();
  for (const operation of list) {
    const value = { name: valueName(operation), shape: operation.shape };
    const tensor = (name: string): string => graph.constant(name, () => weights[name]!);
    const weight = (part: string): string => tensor(`${operation.name}.${part}`);
    const inputs = operation.inputs.map((i) => values[i]!.name);
    addOperation({ graph, operation, inputs, to: value.name, weight, tensor });
    values.push(value);
  }
  const logits = { name: graph.node('Identity', [values[output]!.name], 'logits'), shape: values[output]!.shape };
  const asked = outputs === 'all' ? values.slice(1) : outputs.map((name) => valueNamed(name, values));
  return graph.write({ name: description.name, doc: description.why }, [x], [logits, ...asked]);
}

/** `x` and `logits` are the model's own. */
function valueName({ name, call }: Operation): string {
  const unique = call === 1 ? name : `${name}#${call}`;
  return unique === 'x' || unique === 'logits' ? `module/${unique}` : unique;
}

function valueNamed(name: string, values: readonly Value[]): Value {
  const found = values.find((value) => value.name === name || value.name === `module/${name}`);
  if (found) return found;
  const names = values.slice(1).map((value) => value.name);
  throw unknownName('value', name, names);
}
