import type { Finding, Probing } from '@touchstone/harness';
import { coloursFor } from '@touchstone/report';
import { expect, it } from 'vitest';
import { describeProbing, isSound } from './probe-table.js';

const plain = coloursFor({}, {});
const row = (...values: number[]) => ({ shape: [values.length], data: Float64Array.from(values) });

const finding = (fields: Partial<Finding> = {}): Finding => ({
  probe: 'abs-gradient',
  asks: 'the gradient of |x|',
  pytorch: row(-1, 0, 1),
  stock: row(-1, -1, 1),
  ours: row(-1, 0, 1),
  known: row(-1, -1, 1),
  stockAgrees: false,
  oursAgrees: true,
  changed: false,
  ...fields,
});
const backend = (id: string, findings: Finding[], reason: string | null = null): Probing['backends'][number] => ({
  id,
  reason,
  tfjs: reason === null ? '4.22.0' : null,
  knownTfjs: '4.22.0',
  findings,
});
const describe = (...backends: Probing['backends']) => describeProbing({ torch: '2.15.0', backends }, plain);

it("puts backends with the same answers on one row, PyTorch's answer once, and counts what is of TF.js", () => {
  const same = finding({ stock: row(-1, 0, 1), stockAgrees: true });
  const lines = describe(backend('cpu', [finding()]), backend('wasm', [same]), backend('float64', [finding()]));
  expect(lines.slice(0, 4)).toEqual([
    'probe         PyTorch  stock TF.js  ours  backends',
    'abs-gradient  -1 0 1   -1 -1 1      =     cpu, float64',
    '                       =            =     wasm',
    '',
  ]);
  expect(lines[4]).toContain('Stock TF.js 4.22.0 differs in 1 of 2 answers');
});

it.each<{ name: string; fields: Partial<Finding>; sound: boolean; says: RegExp }>([
  {
    name: 'ours is wrong',
    fields: { ours: row(-1, NaN, 1), oursAgrees: false },
    sound: false,
    says: /✗ ours is not PyTorch's answer: abs-gradient on cpu gives -1 NaN 1/,
  },
  {
    name: 'stock has changed',
    fields: { stock: 'throws: no', changed: true },
    sound: false,
    says: /✗ stock TF.js 4.22.0 has changed: abs-gradient on cpu gives throws: no; 4.22.0 gave -1 -1 1/,
  },
  {
    name: 'nothing is known',
    fields: { known: null },
    sound: true,
    says: /cpu: some answers are not stored yet; --accept/,
  },
])('says that $name', ({ fields, sound, says }) => {
  const wrong = backend('cpu', [finding(fields)]);
  expect(isSound({ torch: '2.15.0', backends: [wrong] })).toBe(sound);
  expect(describe(wrong).join('\n')).toMatch(says);
});

it('says which backends were not probed and why, without control characters', () => {
  expect(describe(backend('cpu', [finding()]), backend('cuda', [], 'no GPU\u001b[2J here'))).toEqual(
    expect.arrayContaining([expect.stringMatching(/^cuda was not probed: no GPU.*here$/)]),
  );
  expect(describe(backend('cuda', [], 'no GPU\u001b[2J here')).join('')).not.toContain('\u001b');
});
