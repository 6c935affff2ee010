import { TouchstoneError } from '@touchstone/contract';

/** `bad-input`: the operation `what` has no window on an axis of length `from`. */
export function tooSmall(what: string, from: number, kernel: number): TouchstoneError {
  return new TouchstoneError(
    'bad-input',
    `${what} with a kernel of ${kernel} has no output on an input of ${from}`,
    'Give a larger image.',
  );
}
