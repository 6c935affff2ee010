import fc from 'fast-check';
import { marked } from 'marked';
import { describe, expect, it } from 'vitest';
import type { Outcome } from '@touchstone/contract';
import { errored, failed, failedWith, footerOf, hostileRuns, known, passed, runOf, skipped } from '../testing/runs.js';
import { maxMarkdownBytes, renderMarkdown } from './markdown.js';

const ours = 'h2 p em strong ul li table thead tbody tr th td code pre details summary'.split(' ');

/** The page, and of it what is not in code. */
function shown(markdown: string): { html: string; outside: string } {
  const html = marked.parse(markdown, { gfm: true, async: false });
  return { html, outside: html.replaceAll(/<code[^>]*>[^<]*<\/code>/g, '') };
}

describe('any text', () => {
  it('is text: only our elements, and in code only, where mentions and links have no meaning', () => {
    fc.assert(
      fc.property(hostileRuns, (runs) => {
        const { html, outside } = shown(renderMarkdown(runs));
        const tags = [...html.replaceAll(/<!-- touchstone -->/g, '').matchAll(/<\/?([^\s>]*)/g)].map(([, tag]) => tag);
        expect(ours).toEqual(expect.arrayContaining([...new Set(tags)]));
        expect(outside).not.toMatch(/[@#`|[\]*\\]|:\w+:|https?:|www\./);
        expect(outside.replaceAll(/<!-- touchstone -->|<[^>]*>/g, '')).not.toMatch(/[<>]/);
      }),
      { numRuns: 60 },
    );
  });

  it('is readable again', () => {
    const reason = '@someone | `code` <b>bold</b> #123';
    const { html } = shown(renderMarkdown([runOf([failedWith({ case: reason, reason })])]));
    const texts = html.replaceAll('&lt;', '<').replaceAll('&gt;', '>');
    const decoded = texts.replaceAll(/&#(\d+);/g, (_, digits: string) => String.fromCodePoint(Number(digits)));
    expect(decoded.split(reason)).toHaveLength(5);
  });
});

it('verdict, table with the worst method first, failures with the worst first', () => {
  const far = failedWith({ method: 'far', case: 'far/n/y', ratio: 4000, reason: 'far off' });
  const text = renderMarkdown([runOf([passed, failed, far, errored])]);
  expect(text).toContain('## ❌ Touchstone: Not conformant: 1 passed, 2 failed, 0 skipped, 1 errored in 4.1 s');
  const rows = text.split('\n').filter((line) => line.startsWith('| '));
  expect(rows).toEqual([
    '| method | <code>wasm</code> |',
    '| --- | --- |',
    '| <code>far</code> | ✗ 1 of 1 (4000) |',
    '| <code>cam</code> | ✗ 2 of 3 (40) |',
  ]);
  const failures = [...text.matchAll(/<summary>❌ <code>([^<]*)/g)].map(([, id]) => id);
  expect(failures).toEqual(['far/n/y', 'cam/n/y', 'cam/n/z']);
});

it.each([
  ['whole', runOf([passed]), '## ✅ Touchstone: Passed: 1 passed'],
  ['incomplete', runOf([passed], { footer: null }), '## ❌ Touchstone: Incomplete: '],
  ['nothing judged', runOf([skipped]), '## ❌ Touchstone: Not judged: '],
  ['with a finding', runOf([passed], { footer: footerOf([passed], { findings: ['x'] }) }), '❌ Touchstone: Not conf'],
])('the heading of a run that is %s', (_, run, heading) => expect(renderMarkdown([run])).toContain(heading));

it('why cases were skipped, known failures among them', () => {
  const reason = 'expected: known since long';
  const text = renderMarkdown([runOf([passed, skipped, { ...known, reason }, { ...known, reason }])]);
  expect(text).toContain('\n- <code>2 skipped on wasm&#58; expected&#58; known since long</code>');
});

it('several runs: a table of runs first', () => {
  const [first] = renderMarkdown([
    runOf([passed], { label: 'a.ndjson' }),
    runOf([failed], { label: 'b.ndjson' }),
  ]).split('## ');
  expect(first!.match(/^\| <code>/gm)).toHaveLength(2);
});

const many = (count: number, of: (i: number) => Outcome): Outcome[] => Array.from({ length: count }, (_, i) => of(i));
it.each([
  ['failures', many(500, (i) => failedWith({ case: `${i}`, reason: `${'&'.repeat(390)}\n`.repeat(12) }))],
  ['methods', many(5000, (i) => ({ ...passed, method: '&'.repeat(300) + i }))],
  ['backends', many(2000, (i) => failedWith({ backend: `${i}`.padEnd(300, '`') }))],
])('stays within its bytes, and says that it does, with many %s', (_, outcomes) => {
  for (const bytes of [maxMarkdownBytes, 2000]) {
    const text = renderMarkdown([runOf(outcomes)], bytes);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(bytes + 1);
    expect(text).toMatch(/Not shown|no room/);
  }
});
