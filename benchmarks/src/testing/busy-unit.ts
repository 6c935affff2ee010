/** A program for the gate that starts at once: a turn is busy work of two milliseconds. */
import { serveTurns } from '../gate/serve-turns.js';
import { timed } from '../gate/timed.js';

await serveTurns(async () => ({ turn: () => timed(work), stop: async () => undefined }));

function work(): number {
  let sum = 0;
  for (let i = 0; i < 100_000; i++) sum += Math.sin(i);
  return sum;
}
