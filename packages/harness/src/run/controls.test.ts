import { expect, it } from 'vitest';
import type { Control } from '@touchstone/contract';
import { controlsHold, judgeControls } from './controls.js';

const right: Control = { answer: 'right', status: 'passed', check: null };
const wrong: Control = { answer: 'wrong', status: 'failed', check: 'e2' };

it('a right answer passes and a mutant fails', async () => expect(await judgeControls()).toEqual([right, wrong]));

it.each([
  ['both', [right, wrong], true],
  ['of several shards', [right, wrong, right, wrong], true],
  ['none', [], false],
  ['nothing that must fail', [right], false],
  ['nothing that must pass', [wrong], false],
  ['everything passes', [right, { ...wrong, status: 'passed' }], false],
  ['everything fails', [{ ...right, status: 'failed' }, wrong], false],
  ['one shard passes everything', [right, wrong, right, { ...wrong, status: 'passed' }], false],
] as [string, Control[], boolean][])('%s: %s', (_, controls, expected) =>
  expect(controlsHold(controls)).toBe(expected),
);
