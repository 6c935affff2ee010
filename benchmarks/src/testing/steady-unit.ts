/** A program for the gate that starts at once, and has a clock of its own: each turn takes two milliseconds. */
import { serveTurns } from '../gate/serve-turns.js';

const time = { milliseconds: 2, processorMilliseconds: 2 };

await serveTurns(async () => ({ turn: async () => time, stop: async () => undefined }));
