import { expect, it } from 'vitest';
import { isRequired, type RequiredStages } from './case.js';

it.each<[string, RequiredStages, boolean]>([
  ['attribution', [], true],
  ['gradient', [], false],
  ['gradient', ['gradient'], true],
  ['gradient', ['logits'], false],
  ['gradient', 'every stage', true],
])('%s is required by %j: %s', (stage, required, expected) => {
  expect(isRequired(stage, required)).toBe(expected);
});
