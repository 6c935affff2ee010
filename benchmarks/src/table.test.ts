import { expect, it } from 'vitest';
import { notesOf, tablesOf } from './table.js';
import { bestRow, sweepRow } from './testing/rows.js';

const row = sweepRow({ backend: 'webgl', batch: 8, imagesPerSecond: 10.123, milliseconds: [790] });

it('shows and explains only what was measured, and marks software renderers', () => {
  expect(
    tablesOf([
      row,
      {
        ...row,
        software: true,
        stockImagesPerSecond: 2.5,
        ratio: { median: 4.05, min: 3.9, max: 4.2 },
        peakBytes: 2 ** 21,
        machineShare: 0.123,
      },
    ]),
  ).toEqual([
    {
      headings: [
        'benchmark',
        'network',
        'backend',
        'batch',
        'images/s',
        'stock',
        '× stock',
        'of backend',
        'of machine',
        'peak MiB',
        'first run s',
      ],
      rows: [
        ['smooth-grad', 'vgg11-64', 'webgl', '8', '10.1', '–', '–', '10 %', '10 %', '–', '0.00'],
        [
          'smooth-grad',
          'vgg11-64',
          'webgl (software)',
          '8',
          '10.1',
          '2.50',
          '4.05× (3.90–4.20)',
          '10 %',
          '12 %',
          '2',
          '0.00',
        ],
      ],
      legend: [
        expect.stringMatching(/^stock: /),
        expect.stringMatching(/^× stock: /),
        expect.stringMatching(/^of backend: /),
        expect.stringMatching(/^of machine: /),
        expect.stringMatching(/^peak MiB: /),
      ],
    },
  ]);
});

it('rows at the end of a sweep have a separate table', () => {
  const same = { median: 1, min: 0.98, max: 1.01 };
  const tables = tablesOf([
    row,
    bestRow({
      backend: 'webgl',
      batch: 8,
      imagesPerSecond: 10.123,
      auto: { batch: 4, ratio: { ...same, median: 0.91 } },
      pool: { engines: 2, ratio: { ...same, median: 1.7 }, ceiling: { ...same, median: 1.8 }, peakBytes: null },
    }),
  ]);
  expect(tables.map(({ rows }) => rows.map(([benchmark]) => benchmark))).toEqual([
    ['smooth-grad'],
    ['smooth-grad-best'],
  ]);
  expect(tables[1]).toMatchObject({
    headings: [
      'benchmark',
      'network',
      'backend',
      'batch',
      'images/s',
      'auto takes',
      '× best',
      'workers',
      'pool × one',
      'at most',
    ],
    rows: [
      [
        'smooth-grad-best',
        'vgg11-64',
        'webgl',
        '8',
        '10.1',
        '4',
        '0.91× (0.98–1.01)',
        '2',
        '1.70× (0.98–1.01)',
        '1.80× (0.98–1.01)',
      ],
    ],
  });
});

it('gives each note once', () => {
  expect(
    notesOf([
      { ...row, notes: ['stock: no kernel'] },
      { ...row, batch: 16, notes: ['stock: no kernel'] },
    ]),
  ).toEqual(['vgg11-64 on webgl: stock: no kernel']);
});
