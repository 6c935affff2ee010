import { expect, test } from 'vitest';
import { parseResults, resultsText } from './parse-results.js';

const header = {
  kind: 'header',
  version: 2,
  touchstone: '0.1.0',
  started: '2026-11-28T10:00:00.000Z',
  golden: 'a'.repeat(64),
  port: { name: 'touchstone', version: '0.1.0' },
  backends: [{ id: 'cpu', device: 'a device', precision: 'float32', softwareRenderer: false }],
  unavailable: [],
  machine: 'a machine',
};
const skipped = (id: string) => ({
  kind: 'outcome',
  case: id,
  method: 'saliency',
  network: 'tiny',
  backend: 'cpu',
  status: 'skipped',
  reason: 'why',
});
const footer = { kind: 'footer', passed: 0, failed: 0, skipped: 2, errored: 0, worst: {}, milliseconds: 5 };
const planOf = (total: number) => ({
  hash: 'a'.repeat(64),
  shard: 1,
  shards: 1,
  total,
  places: Array.from({ length: total }, (_, place) => place),
});
const textOf = (...lines: readonly unknown[]) => lines.map((line) => `${JSON.stringify(line)}\n`).join('');
const [a, b] = [skipped('saliency/tiny/a'), skipped('saliency/tiny/b')];

test('a whole file', () => {
  const results = parseResults(textOf(header, a, b, footer), 'r');
  expect(results).toEqual({ header, outcomes: [a, b], footer });
  expect(resultsText(results)).toBe(textOf(header, a, b, footer));
});

test.each([
  ['without a footer', textOf(header, a, b)],
  ['cut off in a line', textOf(header, a, b) + JSON.stringify(footer).slice(0, 30)],
  ['cut off before the last line feed', textOf(header, a, b).trimEnd()],
])('%s: incomplete, with what there is', (_, text) => {
  expect(parseResults(text, 'r')).toEqual({ header, outcomes: [a, b], footer: null });
});

test.each([
  ['', 'r is empty'],
  ['{"kind":', 'r is empty'],
  [textOf(a, footer), 'r, line 1: "kind"'],
  [textOf({ ...header, version: 3 }), 'r, line 1: "version"'],
  [textOf(header, header), 'r, line 2: a second header'],
  [textOf(header, a, a), 'r, line 3: saliency/tiny/a on cpu is given twice'],
  [textOf(header, a, b, footer, a), 'r, line 5: the footer must be the last line'],
  [textOf(header, a, footer), 'r, line 3: "skipped" is 2, but 1 of the lines are'],
  [textOf(header, { ...a, status: 'fine' }, b), 'r, line 2: '],
  [textOf({ ...header, plan: planOf(3) }, a, b, footer), 'r, line 4: the plan has 3 outcomes, and the file 2'],
  [`${textOf(header)}{\n${textOf(a)}`, 'r, line 2 is not JSON'],
])('%s is refused: %s', (text, message) => {
  expect(() => parseResults(text, 'r')).toThrow(message);
});
