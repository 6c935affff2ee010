import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { openGolden } from '../golden/golden-store.js';
import { linearCase, temporaryFolder, writeLinearGolden } from '../testing/linear-golden.js';
import { expectedSeconds } from './case-seconds.js';
import { TimeLeft } from './time-left.js';
import { verify } from './verify.js';

const golden = openGolden(fileURLToPath(new URL('../../../../golden', import.meta.url)));
const quick = golden.cases.filter(({ profile }) => profile === 'quick');
const timeEstimate = { deadlineMs: 120_000, multiplyAddsPerSecond: 1e9 };
const ours = { id: 'wasm', own: true, timeEstimate };

it('what npm start runs is measured; where this fails, run tools/harness/case-seconds.mjs', () => {
  for (const backend of ['cpu', 'wasm', 'float64']) {
    const measured = quick.filter(({ id }) => expectedSeconds(id, 0, { ...ours, id: backend }).isKnown);
    expect([backend, measured.length / quick.length]).toEqual([backend, expect.closeTo(1, 1)]);
  }
});

it.each([
  ['measured', 'class-visualization/tiny-vgg/cat-32', ours, 0, true],
  ['large enough that the multiply-adds decide', 'saliency/new', ours, 5e9, true],
  ['small and never measured', 'saliency/new', ours, 1e6, false],
  ['on a backend that was never measured', 'saliency/tiny-vgg/cat-32', { ...ours, id: 'webgl' }, 0, false],
  ["a port's, which may have the name of ours", 'saliency/tiny-vgg/cat-32', { ...ours, own: false }, 0, false],
  ['of a port of unknown speed', 'saliency/new', { id: 'port', own: false, timeEstimate: null }, 5e9, false],
] as const)('%s', (_, id, port, multiplyAdds, isKnown) => {
  expect(expectedSeconds(id, multiplyAdds, port)).toEqual({ seconds: expect.any(Number) as number, isKnown });
});

it('both runs count', () => {
  expect(expectedSeconds('saliency/new', 5e9, ours).seconds).toBeCloseTo(10.05);
  const slower = { ...ours, timeEstimate: { ...timeEstimate, multiplyAddsPerSecond: 5e8 } };
  expect(expectedSeconds('saliency/new', 5e9, slower).seconds).toBeCloseTo(20.05);
});

it('a plan has no time where too much of it was never measured', async () => {
  const root = temporaryFolder();
  writeLinearGolden(root);
  const seconds: (number | null)[] = [];
  const run = { golden: openGolden(root), cases: [linearCase(0)], backends: ['cpu'] };
  await verify({ ...run, onStart: (plan) => seconds.push(plan.seconds) });
  expect(seconds).toEqual([null]);
});

it('time left: the estimate at first, what was measured later', () => {
  const start = performance.now();
  const left = new TimeLeft(100, 2);
  const after = (seconds: number): number => left.seconds(start + 1000 * seconds);
  expect(after(0)).toBeCloseTo(50, 0);
  left.add(20); // 20 of 100 s in 20 s: half as fast as estimated
  expect(after(20)).toBeGreaterThan(60);
  left.add(80);
  expect(after(100)).toBe(0);
});

it('time left of a guess: soon what was measured', () => {
  const start = performance.now();
  const left = new TimeLeft(3, 2, false);
  left.add(1);
  expect(left.seconds(start + 60_000)).toBeGreaterThan(50);
});
