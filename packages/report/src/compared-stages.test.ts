import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { HostTensor, Stages } from '@touchstone/contract';
import { ComparedStages } from './compared-stages.js';
import { outcomeOf } from './page/testing.js';

const folder = mkdtempSync(join(tmpdir(), 'touchstone-compared-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const map = (...values: number[]): HostTensor => ({ shape: [1, 1, 1, values.length], data: Float32Array.from(values) });
const golden: Stages = { gradient: map(1, -2), attribution: map(3, 4, 5) };

function failedAt(stage: string, backend: string) {
  return { ...outcomeOf('m/n/x', 'failed', 9, backend), stage } as ReturnType<typeof outcomeOf>;
}

it('failures are drawn on every backend, where they first differ and at their end; of passes the first', async () => {
  const compared = new ComparedStages(folder);
  await compared.add(outcomeOf('m/n/x', 'passed'), golden, golden);
  await compared.add(outcomeOf('m/n/x', 'passed', 0.5, 'wasm'), golden, golden);
  await compared.add(failedAt('gradient', '../my port'), golden, { ...golden, gradient: map(1, 8) });
  const drawn = compared.of('m/n/x')!;
  expect(drawn.map(({ backend, stage, width, height, scale }) => [backend, stage, width, height, scale])).toEqual([
    ['cpu', 'attribution', 3, 1, 5],
    ['../my port', 'gradient', 2, 1, 8],
    ['../my port', 'attribution', 3, 1, 5],
  ]);
  for (const { file } of drawn) {
    expect(file).toMatch(/^images\/compared\/m\/n\/x\/[\w.-]+\.png$/);
    expect(existsSync(join(folder, file))).toBe(true);
  }
});

it.each<[string, Stages]>([
  ['of another shape', { attribution: map(1) }],
  ['missing', {}],
])('a stage that is %s is not drawn', async (_, answer) => {
  const compared = new ComparedStages(folder);
  await compared.add(failedAt('attribution', 'cpu'), golden, answer);
  await compared.add(failedAt('__proto__', 'cpu'), golden, answer);
  expect(compared.of('m/n/x')).toEqual([]);
});
