import type { NetworkDescription } from '@touchstone/contract';
import type { Shapes } from './shapes.js';

/**
 * The names of heads and classes fit what the network returns.
 *
 * @param shapes for one image; null where it is not known
 * @param bad makes the error
 */
export function checkOutputs(
  { heads, classes }: NetworkDescription,
  shapes: Shapes | null,
  bad: (message: string) => Error,
): void {
  if (!shapes) return;
  const [, width, ...more] = shapes.output;
  const returns = more.length > 0 || width === undefined ? `[${shapes.output.join(',')}]` : `${width} values per image`;
  // Of maps [N,K,h,w], they name the channels.
  const fits = (count: number) => (more.length === 0 || more.length === 2) && count === width;
  const sum = heads?.reduce((total, { size }) => total + size, 0);
  if (sum !== undefined && !fits(sum)) throw bad(`heads: their sizes add up to ${sum}; the network returns ${returns}`);
  if (classes && !fits(classes.length)) throw bad(`classes: ${classes.length} names; the network returns ${returns}`);
}
