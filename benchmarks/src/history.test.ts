import { describe, expect, it } from 'vitest';
import { historyLine, lastRunLike, machineSlug, readHistory, readRows } from './history.js';
import { bestRow, methodRow, versions as known } from './testing/rows.js';

const versions = { ...known, machine: 'Linux x64, 2 × CPU', device: 'wasm' };
const row = methodRow({ network: 'tiny-vgg', milliseconds: [100, 99], software: true, versions });
const conditions = { node: 'v20', rounds: 3, seconds: 20, python: null, golden: 'golden' };
const stamp = {
  started: '2026-01-02T03:04:05.000Z',
  machine: 'Linux x64, 2 × CPU',
  commit: 'abc+12345678',
  conditions,
};

it('a line read back is what was written', () => {
  const [run] = readHistory(historyLine(stamp, [row]), 'history');
  expect(run).toMatchObject({
    ...stamp,
    rows: [
      {
        benchmark: 'saliency',
        imagesPerSecond: 10,
        milliseconds: [100, 99],
        software: true,
        versions: { machine: versions.machine, controlMs: 2 },
      },
    ],
  });
});

it('rows come from bench --json, or from the last run of a history', () => {
  const later = { ...row, imagesPerSecond: 20 };
  expect(readRows(JSON.stringify([row], null, 2), 'file').map(({ imagesPerSecond }) => imagesPerSecond)).toEqual([10]);
  expect(
    readRows(
      historyLine(stamp, [row]) + historyLine({ ...stamp, started: '2026-01-03T00:00:00.000Z' }, [later]),
      'file',
    ).map(({ imagesPerSecond }) => imagesPerSecond),
  ).toEqual([20]);
});

it('consecutive lines of a run are one run', () => {
  const later = { ...stamp, started: '2026-01-03T00:00:00.000Z' };
  const text = [
    historyLine(stamp, [row]),
    historyLine(stamp, [{ ...row, backend: 'cpu' }]),
    historyLine(later, [row]),
  ].join('');
  expect(readHistory(text, 'file').map(({ rows }) => rows.map(({ backend }) => backend))).toEqual([
    ['wasm', 'cpu'],
    ['wasm'],
  ]);
});

describe('a run that was interrupted', () => {
  const other = bestRow({
    backend: 'cpu',
    auto: { batch: 4, ratio: { median: 2, min: 1, max: 3 } },
    pool: {
      engines: 2,
      ratio: { median: 1.7, min: 1.6, max: 1.8 },
      ceiling: { median: 1.8, min: 1.7, max: 1.9 },
      peakBytes: 5,
    },
  });
  const text =
    historyLine({ ...stamp, started: 'before' }, [row]) + historyLine(stamp, [row]) + historyLine(stamp, [other]);
  const now = { ...stamp, started: 'now' };

  it('is resumed with its rows in full', () => {
    expect(lastRunLike(now, text, 'file')).toEqual({ started: stamp.started, rows: [row, other] });
  });

  it.each([
    { what: 'machine', changed: { machine: 'another' } },
    { what: 'commit', changed: { commit: 'abd' } },
    { what: 'changes', changed: { commit: 'abc+87654321' } },
    { what: 'rounds', changed: { conditions: { ...conditions, rounds: 4 } } },
    { what: 'Python', changed: { conditions: { ...conditions, python: 'python3' } } },
  ])('another $what is another run', ({ changed }) => {
    expect(lastRunLike({ ...now, ...changed }, text, 'file')).toBeNull();
  });

  it('only the last run counts, and invalid rows are refused', () => {
    expect(lastRunLike(now, text + historyLine({ ...stamp, started: 'later', commit: 'x' }, [row]), 'file')).toBeNull();
    expect(lastRunLike(now, '', 'file')).toBeNull();
    expect(() => lastRunLike(now, historyLine(stamp, [{ ...row, batch: 0 }]), 'file')).toThrow(
      expect.objectContaining({ code: 'bad-input', message: expect.stringContaining('[0].batch') as string }),
    );
  });
});

it('rows of the first release, whose `software` held versions, can still be drawn', () => {
  expect(
    readRows(
      JSON.stringify([
        {
          benchmark: 'conv-gradient',
          network: 'vgg11-64',
          backend: 'wasm',
          batch: 8,
          imagesPerSecond: 10,
          software: 'tfjs 4.22.0',
        },
      ]),
      'file',
    ),
  ).toMatchObject([{ software: null, versions: null, milliseconds: [] }]);
});

it.each([
  { text: '[]', says: 'has no rows' },
  { text: '', says: 'has no rows' },
  { text: '[{"benchmark":"x"}]', says: 'network' },
  { text: '[{', says: 'not JSON' },
  { text: '{"started":"now"}', says: 'line 1' },
])('refuses $text', ({ text, says }) => {
  expect(() => readRows(text, 'old.json')).toThrow(
    expect.objectContaining({ code: 'bad-input', message: expect.stringContaining(says) as string }),
  );
});

it.each([
  { machine: 'Linux x64, 2 × Intel(R) Xeon(R) @ 2.20GHz, 24 GiB', slug: 'linux-x64-2-intel-r-xeon-r-2-20ghz-24-gib' },
  { machine: '../../etc/passwd', slug: 'etc-passwd' },
])('a machine as a file name: $slug', ({ machine, slug }) => {
  expect(machineSlug(machine)).toBe(slug);
});
