import { Random } from '@touchstone/contract';
import { machine } from '@touchstone/system';
import { expect, it } from 'vitest';
import type { MethodRow } from '../benchmark.js';
import { readRows } from '../history.js';
import { methodRow, versions as known } from '../testing/rows.js';
import { judgeStored } from './stored.js';

const random = new Random(5);
const versions = { ...known, machine: machine() };

/** Rounds within one per cent of `milliseconds`. */
function row(milliseconds: number, changed: Partial<MethodRow> = {}): MethodRow {
  const rounds = Array.from({ length: 12 }, () => milliseconds * (0.99 + 0.02 * random.uniform()));
  return methodRow({
    benchmark: 'saliency',
    network: 'tiny-vgg',
    backend: 'wasm',
    batch: 1,
    imagesPerSecond: 1000 / milliseconds,
    milliseconds: rounds,
    processorMilliseconds: rounds,
    software: false,
    verified: 'yes',
    versions,
    ...changed,
  });
}

const storedOf = (its: MethodRow) => readRows(JSON.stringify([its]), 'base.json')[0]!;

it.each([
  { now: 100, changed: {}, verdict: 'not slower', runs: 1 },
  { now: 115, changed: {}, verdict: 'slower', runs: 2 },
  { now: 80, changed: {}, verdict: 'not slower', runs: 1 },
  { now: 103, changed: {}, verdict: 'not slower', runs: 1 },
  { now: 115, changed: { versions: { ...versions, controlMs: 2.4 } }, verdict: 'inconclusive', runs: 1 },
  { now: 100, changed: { versions: { ...versions, controlMs: 1.6 } }, verdict: 'inconclusive', runs: 1 },
])(
  '100 ms then, $now ms now, control $changed.versions.controlMs: $verdict',
  async ({ now, changed, verdict, runs }) => {
    let measured = 0;
    const found = await judgeStored(storedOf(row(100)), async () => {
      measured++;
      return row(now, changed);
    });
    expect([found.verdict, measured]).toEqual([verdict, 5 * runs]);
  },
);

it('a second run that does not agree clears it', async () => {
  let measured = 0;
  const { verdict } = await judgeStored(storedOf(row(100)), async () => row(measured++ < 5 ? 120 : 100));
  expect(verdict).toBe('not slower');
});

it('is inconclusive where it is so noisy that twice as slow would pass', async () => {
  const processes = [60, 170, 100, 70, 150];
  expect((await judgeStored(storedOf(row(100)), async () => row(processes.pop()!))).verdict).toBe('inconclusive');
});

it('another machine is refused, by name', async () => {
  const elsewhere = storedOf(row(100, { versions: { ...versions, machine: 'a Mac' } }));
  await expect(judgeStored(elsewhere, async () => row(100))).rejects.toMatchObject({
    code: 'bad-input',
    message: expect.stringContaining('a Mac') as string,
  });
});

it('uses the wall clock where processor time was not measured', async () => {
  expect((await judgeStored(storedOf(row(100, { processorMilliseconds: null })), async () => row(100))).clock).toBe(
    'wall',
  );
  expect((await judgeStored(storedOf(row(100)), async () => row(100))).clock).toBe('processor');
});
