import { expect, it } from 'vitest';
import { description } from '../testing.js';
import { checkOutputs } from './check-outputs.js';
import type { Shapes } from './shapes.js';

const heads = [
  { name: 'a', size: 1 },
  { name: 'b', size: 2 },
] as never;
const classes = ['x', 'y', 'z'];
it.each<{ name: string; output: number[] | null; message: string | null }>([
  { name: 'one row', output: [1, 3], message: null },
  { name: 'a shape that is not known', output: null, message: null },
  { name: 'another width', output: [1, 4], message: 'the network returns 4 values per image' },
  { name: 'a map of as many channels', output: [1, 3, 2, 2], message: null },
  { name: 'a map of more channels', output: [1, 4, 2, 2], message: 'the network returns [1,4,2,2]' },
  { name: 'a volume', output: [1, 3, 2, 2, 2], message: 'the network returns [1,3,2,2,2]' },
])('names of outputs and $name', ({ output, message }) => {
  for (const names of [{ heads }, { classes }]) {
    const check = () =>
      checkOutputs(description({}, names), output && ({ output } as unknown as Shapes), (text) => new Error(text));
    if (message === null) expect(check).not.toThrow();
    else expect(check).toThrow(message);
  }
});
