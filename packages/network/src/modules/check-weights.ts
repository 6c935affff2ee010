/** Whether given weights fit the description of a network. */
import { isFiniteInFloat32, TouchstoneError, type HostTensor, type NetworkDescription } from '@touchstone/contract';

/**
 * Names under an alias are allowed too, as `state_dict` has them.
 *
 * @throws `bad-network` for a missing or an unknown weight
 */
export function checkNames(
  description: NetworkDescription,
  expected: ReadonlyMap<string, unknown>,
  given: Readonly<Record<string, HostTensor>>,
): void {
  const aliases = Object.entries(description.modules).flatMap(([path, module]) =>
    'alias' in module ? [`${path}.`] : [],
  );
  for (const name of Object.keys(given)) {
    if (!expected.has(name) && !aliases.some((alias) => name.startsWith(alias)))
      throw bad(description, `"${name}" belongs to no module`);
  }
  for (const name of expected.keys()) if (!Object.hasOwn(given, name)) throw bad(description, `"${name}" is missing`);
}

/** Returns `tensor` if it has the shape and is finite. @throws `bad-network` otherwise */
export function checkedShape(
  description: NetworkDescription,
  name: string,
  tensor: HostTensor,
  shape: readonly number[],
): HostTensor {
  if (tensor.shape.join() !== shape.join())
    throw bad(description, `"${name}" has shape [${tensor.shape.join(',')}], expected [${shape.join(',')}]`);
  // A ReLU in WebAssembly turns NaN into 0: the answer would look right.
  if (!isFiniteInFloat32(tensor.data))
    throw bad(description, `"${name}" has a value that is NaN, ±∞ or too large for float32`);
  return tensor;
}

function bad(description: NetworkDescription, message: string): TouchstoneError {
  return new TouchstoneError(
    'bad-network',
    `weights of ${description.name}: ${message}`,
    'Export the network again; network.json and weights.safetensors belong together.',
  );
}
