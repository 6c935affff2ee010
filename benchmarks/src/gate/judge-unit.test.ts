/** The gate with real processes. The trial measures it near its threshold: see benchmarks/README.md. */
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { judgeBlocks, judgeUnit } from './judge-unit.js';
import { measureBlock, programOf, type MeasuredBlock, type Program } from './measure.js';
import { isSlower, type Block } from './statistics.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const unit = { benchmark: 'saliency', backend: 'wasm' };
const quick = { rounds: 4, blocks: [2, 3] } as const;

const steady = (env: Record<string, string> = {}): Program => ({
  args: () => [fileURLToPath(new URL('../../dist/testing/steady-unit.js', import.meta.url))],
  env,
});

// The busy work takes at least as long as it is told. Where the machine is uneven meanwhile, the control says so.
it.each([
  { slowdown: '1', verdict: 'slower', atLeast: 2 },
  { slowdown: '0', verdict: 'not slower', atLeast: 1 },
])(
  'real processes, busy for $slowdown of their time: $verdict',
  async ({ slowdown, verdict, atLeast }) => {
    const judged = await judgeUnit(steady(), steady({ TOUCHSTONE_BENCHMARK_SLOWDOWN: slowdown }), unit, quick);
    expect(judged).toMatchObject(unit);
    for (const { clock, found } of judged.runs) {
      expect([clock, isSlower(found)]).toEqual(['processor', verdict === 'slower']);
      expect(found.low).toBeGreaterThanOrEqual(atLeast);
    }
    const last = judged.runs.at(-1)!;
    expect(judged.verdict).toBe(last.verdict);
    expect([verdict, 'inconclusive']).toContain(last.verdict);
    expect(judged.runs).toHaveLength(judged.runs[0]!.verdict === 'slower' ? 2 : 1);
  },
  180_000,
);

it('a method runs on a backend, by the processor time of its process', async () => {
  const program = programOf(root);
  const { processor } = await measureBlock(program, program, unit, 1, { rounds: 1 });
  expect(processor?.head.flat().every(Number.isFinite)).toBe(true);
}, 180_000);

it.each([
  {
    what: 'a benchmark that there is not',
    of: { benchmark: 'salency', backend: 'wasm' },
    message: /unknown method "salency"/,
  },
  { what: 'a checkout without its program', at: '/nowhere', of: unit, message: /ended with status 1/ },
])('$what is an error', async ({ of, at = root, message }) => {
  await expect(judgeUnit(programOf(at), programOf(at), of, quick)).rejects.toMatchObject({
    code: 'port-error',
    message: expect.stringMatching(message) as string,
  });
});

const rounds = (value: number): number[] => Array.from({ length: 8 }, (_, i) => value + 0.001 * (i % 3));
const block = (effect: number): Block => ({
  base: [rounds(3), rounds(3)],
  head: [rounds(3 + effect), rounds(3 + effect)],
});

it.each([
  { of: { wall: 0.3, processor: 0, control: 0 }, asked: undefined, verdict: 'not slower', clock: 'processor' },
  { of: { wall: 0.3, processor: 0, control: 0 }, asked: 'wall', verdict: 'slower', clock: 'wall' },
  { of: { wall: 0.3, processor: null, control: 0 }, asked: undefined, verdict: 'slower', clock: 'wall' },
  { of: { wall: 0.3, processor: 0.3, control: 0.1 }, asked: undefined, verdict: 'inconclusive', clock: 'processor' },
  { of: { wall: 0, processor: 0, control: -0.1 }, asked: undefined, verdict: 'inconclusive', clock: 'processor' },
] as const)(
  'wall $of.wall, processor $of.processor, control $of.control, by the clock $asked: $verdict',
  ({ of: { wall, processor, control }, asked, verdict, clock }) => {
    const one: MeasuredBlock = {
      wall: block(wall),
      processor: processor === null ? null : block(processor),
      control: block(control),
    };
    expect(judgeBlocks([one, one, one], asked)).toMatchObject({ verdict, clock });
  },
);
