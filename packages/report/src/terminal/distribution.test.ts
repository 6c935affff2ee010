import type { Outcome } from '@touchstone/contract';
import { expect, test } from 'vitest';
import { coloursFor } from './colours.js';
import { distributionLines } from './distribution.js';

const colours = coloursFor({ isTTY: false } as NodeJS.WriteStream);
const passed = (image: number, ratio: number): Outcome => ({
  kind: 'outcome',
  case: `saliency/net/${image}.jpg`,
  method: 'saliency',
  network: 'net',
  backend: 'port',
  status: 'passed',
  stage: 'attribution',
  reason: null,
  e2: ratio,
  eMax: ratio,
  allowed: 1,
  allowedMax: 1,
  ratio,
});
const failed: Outcome = {
  kind: 'outcome',
  case: 'saliency/net/nan.jpg',
  method: 'saliency',
  network: 'net',
  backend: 'port',
  status: 'failed',
  check: 'non-finite',
  stage: 'attribution',
  reason: 'NaN',
};
const skipped: Outcome = {
  kind: 'outcome',
  case: 'saliency/net/skipped.jpg',
  method: 'saliency',
  network: 'net',
  backend: 'port',
  status: 'skipped',
  reason: 'why',
};

test('quantiles of what was judged, and the worst images by name', () => {
  const outcomes = [skipped, ...Array.from({ length: 100 }, (_, i) => passed(i, (i + 1) / 200)), failed];
  const [, titles, row, , , ...worst] = distributionLines(outcomes, colours, 120);
  expect(titles!.split(/ {2,}/)).toEqual(['error/allowed', 'backend', 'judged', 'median', '90 %', '99 %', 'largest']);
  expect(row!.trim().split(/ {2,}/)).toEqual(['saliency', 'port', '101', '0.255', '0.455', '0.5', '∞']);
  expect(worst.slice(0, 2)).toEqual(['  ∞  saliency/net/nan.jpg', '  0.5  saliency/net/99.jpg']);
});

test('nothing where nothing was judged', () => {
  expect(distributionLines([skipped], colours, 120)).toEqual([]);
});
