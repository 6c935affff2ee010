/** Way 3 of the port protocol: the cases are exported, and the answers come as files. */
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { writeSafetensors, type HostTensor, type Stages } from '@touchstone/contract';
import { exportCases } from '../golden/export-cases.js';
import { openGolden } from '../golden/golden-store.js';
import { everyField } from '../testing/every-field.js';
import { linearCase, temporaryFolder, writeLinearGolden } from '../testing/linear-golden.js';
import { verify } from './verify.js';

const folder = temporaryFolder();
const root = join(folder, 'golden');
writeLinearGolden(root);
const golden = openGolden(root);
const right = [0, 23].map(linearCase);
const exported = join(folder, 'exported');
const outputs = join(folder, 'outputs');
const write = (id: string, stages: Record<string, HostTensor>): void => {
  mkdirSync(dirname(join(outputs, id, 'x')), { recursive: true });
  writeFileSync(join(outputs, id, 'outputs.safetensors'), writeSafetensors(stages));
};

it('an export has every case, and no golden', () => {
  exportCases(golden, right, exported);
  const rows = readFileSync(join(exported, 'cases.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(rows[0]).toEqual({
    id: right[0]!.id,
    method: 'saliency',
    network: 'linear',
    inputs: 'inputs/x.safetensors',
    target: { class: 0 },
    params: { reduce: 'none', display: false },
    stages: ['logits', 'gradient', 'attribution'],
    required: ['attribution'],
  });
  expect(existsSync(join(exported, 'networks/linear/weights.safetensors'))).toBe(true);
  expect(existsSync(join(exported, 'data'))).toBe(false);
  expect(() => exportCases(golden, right, exported)).toThrow(/not empty/);
});

it('the answers of our own port pass as files; other cases are skipped or errored', async () => {
  const answers: Stages[] = [];
  await verify({ golden, cases: right, backends: ['cpu'], onResult: (_, { stages }) => void answers.push(stages) });
  for (const [index, { id }] of right.entries()) write(id, answers[index]!);
  write(linearCase(1).id, { attribution: { shape: [1_000_000], data: new Float32Array(1_000_000) } });
  mkdirSync(join(outputs, linearCase(2).id), { recursive: true });
  writeFileSync(join(outputs, linearCase(2).id, 'outputs.safetensors'), 'garbage');
  mkdirSync(join(outputs, linearCase(3).id), { recursive: true });
  symlinkSync(
    join(root, `data/${linearCase(3).id}.safetensors`),
    join(outputs, linearCase(3).id, 'outputs.safetensors'),
  );
  const cases = [right[0]!, ...[1, 2, 3, 4].map(linearCase), right[1]!];
  const whole = await verify({ golden, cases, outputs });
  expect(everyField(whole.outcomes[4]!)).toMatchObject({
    status: 'errored',
    code: 'port-error',
    reason: 'no output; --partial skips such cases',
  });
  const { outcomes, summary } = await verify({ golden, cases, outputs, partial: true });
  expect(outcomes.map(everyField).map(({ status, code }) => [status, code])).toEqual([
    ['passed', null],
    ['errored', 'port-error'],
    ['errored', 'port-error'],
    ['errored', 'port-error'],
    ['skipped', null],
    ['passed', null],
  ]);
  expect(
    outcomes
      .map(({ reason }) => reason)
      .slice(1, 5)
      .join('\n'),
  ).toMatch(/bytes; at most.*\n.*outputs.safetensors.*\n.*link to a file outside of its folder\nno output/);
  expect(summary.skips).toEqual({ 'no output': 1 });
});
