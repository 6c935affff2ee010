import { describe, expect, it } from 'vitest';
import type { SweepRow } from '../benchmark.js';
import { historyLine, readHistory } from '../history.js';
import { drawOverTime } from './over-time.js';
import { escape } from './svg.js';
import { sweepRow } from '../testing/rows.js';
import { drawThroughput } from './throughput.js';

/** As XML requires: tags open and close in order, attributes are quoted, no stray < or &. */
function expectWellFormed(svg: string): void {
  const open: string[] = [];
  const rest = svg.replace(
    /<(\/?)([a-z]+)((?: [a-z0-9-]+="[^"<]*")*)(\/?)>/gi,
    (_, end: string, name: string, _attributes: string, empty: string) => {
      if (end) expect(open.pop()).toBe(name);
      else if (!empty) open.push(name);
      return '';
    },
  );
  expect(open).toEqual([]);
  expect(rest.replace(/&#\d+;/g, '')).not.toMatch(/[<>&]/);
}

describe('throughput against batch size', () => {
  const rows = [
    sweepRow({ batch: 1, stockImagesPerSecond: 2 }),
    sweepRow({ batch: 2, imagesPerSecond: 20, stockImagesPerSecond: 3, pytorchImagesPerSecond: 25 }),
    sweepRow({ batch: 4, imagesPerSecond: 30, channelsLastImagesPerSecond: 28 }),
    sweepRow({ backend: 'webgl', software: true, imagesPerSecond: 1 }),
    sweepRow({ network: 'vgg16-224', imagesPerSecond: 0.03 }),
  ];
  const svg = drawThroughput(rows, 'a machine');

  it('is well-formed, with a panel for each network', () => {
    expectWellFormed(svg);
    expect(svg.match(/font-weight="bold"/g)).toHaveLength(2);
    expect(svg).toContain('a machine');
  });

  it('has a point for each rate that was measured, and no more', () => {
    expect(svg.match(/<circle/g)).toHaveLength(5 + 2 + 1 + 1);
  });

  it('higher is faster', () => {
    const heights = [...svg.matchAll(/cy="([\d.]+)"[^>]*><title>wasm: /g)].map(([, y]) => Number(y)).slice(0, 3);
    expect(heights).toEqual([...heights].sort((a, b) => b - a));
    expect(new Set(heights).size).toBe(3);
  });

  it('marks software renderers', () => {
    expect(svg).toContain('webgl (software)');
  });

  it('escapes what it is given', () => {
    expectWellFormed(
      drawThroughput([sweepRow({ network: '<script>alert(1)</script>', backend: '"&\'' })], '</svg>\u0000'),
    );
  });

  it('draws a single rate, and none', () => {
    expectWellFormed(drawThroughput([sweepRow({})], ''));
    expectWellFormed(drawThroughput([], ''));
  });
});

it('the lines below fit into the figure, also with one panel', () => {
  const stamp = 'Linux x64, 96 × Intel(R) Xeon(R) Platinum 8480C CPU @ 2.90GHz, 2000 GiB, 2026-11-26';
  const [, width] = / width="([\d.]+)"/.exec(drawThroughput([sweepRow({})], stamp))!;
  expect(Number(width)).toBeGreaterThan(48 + stamp.length * 5);
});

it('a single point of stock TF.js looks different from one of ours', () => {
  const fills = [
    ...drawThroughput([sweepRow({ stockImagesPerSecond: 2 })], '').matchAll(/<circle[^>]* fill="([^"]+)"/g),
  ].map(([, fill]) => fill);
  expect(new Set(fills).size).toBe(2);
});

it('over time: other benchmarks are left out, software renderers marked, runs of one day shown by the hour', () => {
  const run = (started: string, changed: Partial<SweepRow>): string =>
    historyLine({ started, machine: 'm', commit: null, conditions: null }, [sweepRow(changed)]);
  const svg = drawOverTime(
    readHistory(
      [
        run('2026-01-01T08:00:00Z', {}),
        run('2026-01-01T09:00:00Z', { benchmark: 'saliency' }),
        run('2026-01-01T10:30:00Z', { software: true }),
        run('2026-01-02T07:00:00Z', {}),
      ].join(''),
      'history',
    ),
    'm',
  );
  expect([...svg.matchAll(/text-anchor="middle"[^>]*>([^<]*)</g)].map(([, text]) => text)).toEqual([
    '01-01',
    '10:30',
    '01-02',
  ]);
  expect(svg).toContain('wasm (software)');
});

it('over time there is a point for each run', () => {
  const line = (day: number, rate: number): string =>
    historyLine({ started: `2026-01-0${day}T00:00:00Z`, machine: 'm', commit: null, conditions: null }, [
      sweepRow({ imagesPerSecond: rate / 2 }),
      sweepRow({ batch: 2, imagesPerSecond: rate }),
    ]);
  const svg = drawOverTime(readHistory([line(1, 10), line(2, 12), line(3, 11)].join(''), 'history'), 'm');
  expectWellFormed(svg);
  expect(svg.match(/<circle/g)).toHaveLength(3);
  expect(svg).toContain('01-02');
});

it.each([
  ['<a href="x">&\'', '&#60;a href=&#34;x&#34;&#62;&#38;&#39;'],
  ['a\u0000b\u001fc', 'abc'],
])('%j as text is %j', (text, escaped) => {
  expect(escape(text)).toBe(escaped);
});
