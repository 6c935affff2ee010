import { expect, it } from 'vitest';
import { distinctLabels, renderPage } from './write-page.js';
import { evil, evilRun, footerOf, outcomeOf, runOf } from './testing.js';

it('a malicious text ends no element and no string of the page', () => {
  const page = renderPage({ runs: [evilRun], cases: [{ id: evil, why: evil }] });
  const ends = page.match(/<\/(script|style)>/g);
  expect(ends).toEqual(['</style>', '</script>', '</script>']);
  expect(page.includes('<img')).toBe(false);
  const [, data = ''] = /id="data">(.*?)<\/script>/s.exec(page)!;
  expect(/[\p{C}\u2028\u2029<>]/u.test(data)).toBe(false);
});

it('is known as ours by its beginning', () => {
  const page = renderPage({ runs: [runOf([])], cases: [] });
  expect(page.slice(0, 2000)).toContain('<meta name="generator" content="Touchstone" />');
});

it.each([
  ['passed', runOf([outcomeOf('m/n/a', 'passed')]), 'Passed: 1 passed'],
  ['without a footer', runOf([outcomeOf('m/n/a', 'passed')], { footer: null }), 'Incomplete: 1 passed'],
  ['failed', runOf([outcomeOf('m/n/a', 'failed')]), 'Not conformant: 0 passed, 1 failed'],
  ['errored', runOf([outcomeOf('m/n/a', 'errored')]), 'Not judged: something broke, or nothing was judged: 0 passed'],
  [
    'nothing judged',
    runOf([outcomeOf('m/n/a', 'skipped')]),
    'Not judged: something broke, or nothing was judged: 0 passed',
  ],
  [
    'with a finding',
    runOf([outcomeOf('m/n/a', 'passed')], { footer: { ...footerOf([outcomeOf('m/n/a', 'passed')]), findings: ['x'] } }),
    'Not conformant: 1 passed',
  ],
])('says the verdict without its program too: %s', (_, run, says) => {
  expect(renderPage({ runs: [run], cases: [] })).toContain(says);
});

it('holds 1000 outcomes in less than 10 MB', () => {
  const outcomes = Array.from({ length: 1000 }, (_, i) => ({
    ...outcomeOf(`m/n/${i}`, 'failed'),
    reason: 'x'.repeat(2000),
  }));
  expect(renderPage({ runs: [runOf(outcomes)], cases: [] }).length).toBeLessThan(10e6);
});

it.each([
  [
    ['out/1.0/results.ndjson', 'out/1.1/results.ndjson'],
    ['1.0', '1.1'],
  ],
  [
    ['a.ndjson', 'b.ndjson'],
    ['a.ndjson', 'b.ndjson'],
  ],
  [
    ['x/a/results.ndjson', 'b/results.ndjson'],
    ['x/a', 'b'],
  ],
  [
    ['a', 'a', ''],
    ['a', 'a (2)', '(3)'],
  ],
])('%j are told apart as %j', (labels, short) => {
  expect(distinctLabels(labels)).toEqual(short);
});
