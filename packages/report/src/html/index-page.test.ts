import type { Header, Outcome, ResultLine } from '@touchstone/contract';
import { expect, test } from 'vitest';
import { renderIndexPage } from './index-page.js';

const evil = "\"><script>alert(1)</script><img src=//example.org/x onerror='x'>\u0000\u001b[2J";
const lines: ResultLine[] = [
  {
    kind: 'header',
    version: 2,
    touchstone: '1',
    started: evil,
    golden: 'a'.repeat(64),
    port: { name: evil, version: evil },
    backends: [{ id: 'cpu', device: evil, precision: evil, softwareRenderer: true }],
    unavailable: [{ id: 'gone', reason: evil }],
    machine: evil,
  },
  {
    kind: 'outcome',
    case: 'a/b',
    method: evil,
    network: evil,
    backend: evil,
    status: 'failed',
    stage: evil,
    e2: 1,
    eMax: 1,
    allowed: 1,
    allowedMax: 1,
    ratio: 2,
    check: 'e2',
    reason: evil,
    milliseconds: 1,
    peakBytes: 2 ** 31,
  },
  { kind: 'footer', passed: 0, failed: 1, skipped: 0, errored: 0, worst: {}, milliseconds: 1 },
];

test('a page of malicious results has only our elements, and only loads files next to it', () => {
  const page = renderIndexPage(lines, [
    {
      id: 'a/b',
      why: evil,
      images: { input: 'images/in put.png', shown: [{ file: 'images/a&b.png', caption: evil }], backend: evil },
    },
  ]);
  const elements = new Set([...page.matchAll(/<\/?([a-z0-9]+)/gi)].map((match) => match[1]));
  expect(elements).not.toContain('script');
  const loaded = [...page.matchAll(/(?:src|href)="([^"]*)"/g)].map((match) => match[1]);
  expect(loaded).toEqual(['#a%2Fb', '#a%2Fb', 'images/in%20put.png', 'images/a%26b.png', 'results.ndjson']);
  expect(page.replace(/"[^"]*"/g, '')).not.toMatch(/<[^>]*\son\w+=/i);
  // oxlint-disable-next-line no-control-regex
  expect(page).not.toMatch(/[\u0000-\u0008\u000b-\u001f]/);
  expect(page).toContain('&lt;script&gt;alert(1)');
});

test.each([
  ['touchstone', 'wasm', 'float32', 'wasm (a device, float32). Touchstone 1, goldens aaaaaaaaaaaa, a machine, now.'],
  ['my port', 'my port', 'unknown', 'my port 7 (a device). Touchstone 1, goldens aaaaaaaaaaaa, a machine, now.'],
])('what ran is named once: %s on %s', (name, id, precision, says) => {
  const header: Header = {
    ...(lines[0] as Header),
    port: { name, version: '7' },
    backends: [{ id, device: 'a device', precision, softwareRenderer: false }],
    machine: 'a machine',
    started: 'now',
  };
  const text = renderIndexPage([header], []).replaceAll(/\s+/g, ' ');
  expect(text).toContain(`<p class="about"> ${says} </p>`);
});

test('the counts are shown, and a run without a footer is incomplete', () => {
  expect(renderIndexPage(lines, [])).toContain('0 passed, 1 failed, 0 skipped, 0 errored');
  expect(renderIndexPage(lines.slice(0, 2), [])).toContain('Incomplete');
});

test('an unavailable backend is shown once, not with every case', () => {
  const skipped: ResultLine = {
    ...(lines[1] as Outcome),
    backend: 'gone',
    status: 'skipped',
    reason: 'unavailable: no driver',
  };
  const page = renderIndexPage(
    [{ ...(lines[0] as Header), unavailable: [{ id: 'gone', reason: 'no driver' }] }, lines[1]!, skipped, lines[2]!],
    [{ id: 'a/b', why: 'w' }],
  );
  expect(page.match(/no driver/g)).toEqual(['no driver']);
  expect(page).toContain('all methods');
});
