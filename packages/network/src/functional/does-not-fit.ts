import { TouchstoneError } from '@touchstone/contract';

/** `bad-input`: the function `what` does not take tensors of these shapes. */
export function doesNotFit(what: string, ...shapes: readonly (readonly number[])[]): TouchstoneError {
  const given = shapes.map((shape) => `[${shape.join(',')}]`).join(' and ');
  return new TouchstoneError(
    'bad-input',
    `${what} does not take ${given}`,
    'Check that the input has the shape that the network expects.',
  );
}
