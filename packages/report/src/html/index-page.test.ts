import type { ResultLine } from '@touchstone/contract';
import { expect, test } from 'vitest';
import { renderIndexPage } from './index-page.js';

const evil = '"><script>alert(1)</script><img src=//example.org/x onerror=\'x\'>\u0000\u001b[2J';
const lines: ResultLine[] = [
  { kind: 'header', version: 1, touchstone: '1', started: evil, golden: 'a'.repeat(64), port: { name: evil, version: evil }, backends: [{ id: 'cpu', device: evil, precision: evil }], machine: evil },
  {
    kind: 'outcome', case: 'a/b', method: evil, network: evil, backend: evil, status: 'failed', stage: evil, e2: 1, eMax: 1, allowed: 1, allowedMax: 1, ratio: 2, check: 'e2', code: null,
    reason: evil, milliseconds: 1,
  },
  { kind: 'footer', passed: 0, failed: 1, skipped: 0, errored: 0, milliseconds: 1 },
];

test('a page from evil results holds no element that is not ours, and loads only files beside it', () => {
  const page = renderIndexPage(lines, [{ id: 'a/b', why: evil, pictures: { input: 'pictures/in put.png', attribution: 'pictures/a&b.png', backend: evil } }]);
  const elements = new Set([...page.matchAll(/<\/?([a-z0-9]+)/gi)].map((match) => match[1]));
  expect(elements).not.toContain('script');
  const loaded = [...page.matchAll(/(?:src|href)="([^"]*)"/g)].map((match) => match[1]);
  expect(loaded).toEqual(['#a%2Fb', 'pictures/in%20put.png', 'pictures/a%26b.png', 'results.ndjson']);
  expect(page.replace(/"[^"]*"/g, '')).not.toMatch(/<[^>]*\son\w+=/i);
  // oxlint-disable-next-line no-control-regex
  expect(page).not.toMatch(/[\u0000-\u0008\u000b-\u001f]/);
  expect(page).toContain('&lt;script&gt;alert(1)');
});

test('the verdict is told, and a run without a footer is incomplete', () => {
  expect(renderIndexPage(lines, [])).toContain('0 passed, 1 failed, 0 skipped, 0 errored');
  expect(renderIndexPage(lines.slice(0, 2), [])).toContain('Incomplete');
});
