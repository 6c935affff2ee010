/**
 * Loaded before a program of ours (`node --import`): as the last line on stderr, the most memory that its process held.
 * Not `ru_maxrss`, which begins with what the parent held.
 */
import { writeSync } from 'node:fs';
import { ownMemory } from '@touchstone/session/child';

process.on('exit', () => writeSync(2, `${JSON.stringify({ peakBytes: ownMemory.peak() })}\n`));
