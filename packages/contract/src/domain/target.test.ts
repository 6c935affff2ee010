import { expect, it } from 'vitest';
import { headsIn, logitClasses, Target } from './target.js';

it.each<[Target, ReturnType<typeof logitClasses>, string[]]>([
  [{ class: 3 }, 3, []],
  [{ class: [3, 1], of: 'logit' }, [3, 1], []],
  [{ class: 3, of: 'probability' }, null, []],
  [{ class: 3, head: 'yaw' }, null, ['yaw']],
  [{ class: 3, pixel: [0, 0] }, null, []],
  [{ class: 3, region: 'argmax' }, null, []],
  [{ weights: [1], head: 'yaw', region: [0, 0, 1, 1] }, null, ['yaw']],
  [{ similarity: [1, 2] }, null, []],
  [{ sum: [{ head: 'pitch', expectation: '3·i' }] }, null, ['pitch']],
])('%j', (target, classes, heads) => {
  expect(Target.parse(target)).toEqual(target);
  expect(logitClasses(target)).toEqual(classes);
  expect(headsIn(target)).toEqual(heads);
});

it.each([
  { class: 3, pixel: [0, 0], region: 'argmax' },
  { class: 3, region: [0, 2, 1, 2] },
  { class: 3, of: 'softmax' },
  { class: 3, weights: [1] },
  { weights: [1], region: 'argmax' },
  { weights: [1], of: 'probability' },
  { similarity: [] },
  { similarity: [1], pixel: [0, 0] },
])('%j is no target', (target) => {
  expect(Target.safeParse(target).success).toBe(false);
});
