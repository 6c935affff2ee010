import { expect, it } from 'vitest';
import { rowOf } from './benchmark.js';
import { historyLine, machineSlug, readHistory, readRows } from './history.js';

const versions = { machine: 'Linux x64, 2 × CPU', node: 'v20', tfjs: '4.22.0', device: 'wasm', torch: null, captum: null, load: 1, controlMs: 2 };
const row = rowOf({ benchmark: 'saliency', network: 'tiny-vgg', backend: 'wasm', batch: 1, imagesPerSecond: 10, milliseconds: [100, 99], software: true, verified: 'yes', versions });
const stamp = { started: '2026-01-02T03:04:05.000Z', machine: 'Linux x64, 2 × CPU', commit: 'abc+' };

it('a line read back is what was written', () => {
  const [run] = readHistory(historyLine(stamp, [row]), 'history');
  expect(run).toMatchObject({ ...stamp, rows: [{ benchmark: 'saliency', imagesPerSecond: 10, milliseconds: [100, 99], software: true, versions: { machine: versions.machine, controlMs: 2 } }] });
});

it('rows come from bench --json, or from the last run of a history', () => {
  const later = { ...row, imagesPerSecond: 20 };
  expect(readRows(JSON.stringify([row], null, 2), 'file').map(({ imagesPerSecond }) => imagesPerSecond)).toEqual([10]);
  expect(readRows(historyLine(stamp, [row]) + historyLine(stamp, [later]), 'file').map(({ imagesPerSecond }) => imagesPerSecond)).toEqual([20]);
});

it('rows of the first release, whose `software` held versions, can still be drawn', () => {
  expect(readRows(JSON.stringify([{ benchmark: 'conv-gradient', network: 'vgg11-64', backend: 'wasm', batch: 8, imagesPerSecond: 10, software: 'tfjs 4.22.0' }]), 'file')).toMatchObject([{ software: null, versions: null, milliseconds: [] }]);
});

it.each([
  { text: '[]', says: 'holds no row' },
  { text: '', says: 'holds no row' },
  { text: '[{"benchmark":"x"}]', says: 'network' },
  { text: '[{', says: 'not JSON' },
  { text: '{"started":"now"}', says: 'line 1' },
])('refuses $text', ({ text, says }) => {
  expect(() => readRows(text, 'old.json')).toThrow(expect.objectContaining({ code: 'bad-input', message: expect.stringContaining(says) as string }));
});

it.each([
  { machine: 'Linux x64, 2 × Intel(R) Xeon(R) @ 2.20GHz, 24 GiB', slug: 'linux-x64-2-intel-r-xeon-r-2-20ghz-24-gib' },
  { machine: '../../etc/passwd', slug: 'etc-passwd' },
])('a machine as a file name: $slug', ({ machine, slug }) => {
  expect(machineSlug(machine)).toBe(slug);
});
