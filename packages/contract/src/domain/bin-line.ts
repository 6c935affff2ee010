import { binValue } from './index.js';
import { TouchstoneError } from '../errors.js';

/** Bin i of a head has the value `slope·i + offset`. */
export interface BinLine {
  readonly slope: number;
  readonly offset: number;
}

/** Parses a line over the bins, such as `"3·i−90"`. @throws `bad-input` for anything else */
export function binLine(expectation: string): BinLine {
  const match = binValue.exec(expectation);
  if (match === null)
    throw new TouchstoneError(
      'bad-input',
      `"expectation": ${JSON.stringify(expectation.slice(0, 40))} is not a line over the bins`,
      'Write it as in "3·i−90", where bin i has the value 3·i − 90.',
    );
  const [, slope, sign, offset = '0'] = match as unknown as [string, string, string | undefined, string | undefined];
  return {
    slope: Number(slope.replace('−', '-')),
    offset: (sign === undefined || sign === '+' ? 1 : -1) * Number(offset),
  };
}
