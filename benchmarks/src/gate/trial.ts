/**
 * Whether the gate can be trusted on this machine:
 * `node benchmarks/dist/gate/trial.js --same 40 --slower 20 --out FILE`.
 * `--same`: this checkout against itself, where every "slower" is a false alarm. `--slower`: against itself with busy
 * work of a tenth of its own time. Each run is appended to FILE as a line of JSON with its times; `--minutes` ends it
 * early, and the same command resumes. `--draws 200` then simulates that many runs by drawing from the measured blocks,
 * and counts how often the gate would say slower.
 */
import { Random } from '@touchstone/contract';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { judgeBlocks, judgeUnit, minBlocks, maxBlocks, type UnitVerdict } from './judge-unit.js';
import { programOf, type MeasuredBlock } from './measure.js';
import { isDecided } from './statistics.js';

type Line = UnitVerdict & { readonly kind: 'same' | 'slower'; readonly seconds: number; readonly load: number };

const { values } = parseArgs({
  options: {
    same: { type: 'string', default: '40' },
    slower: { type: 'string', default: '20' },
    out: { type: 'string', default: 'gate-trial.jsonl' },
    minutes: { type: 'string', default: '1000' },
    draws: { type: 'string', default: '0' },
    benchmark: { type: 'string', default: 'smooth-grad' },
    backend: { type: 'string', default: 'wasm' },
  },
});
const root = fileURLToPath(new URL('../../..', import.meta.url));
const unit = { benchmark: values.benchmark, backend: values.backend };
const end = performance.now() + 60_000 * Number(values.minutes);
const wanted = { same: Number(values.same), slower: Number(values.slower) };
const done: Line[] = existsSync(values.out)
  ? readFileSync(values.out, 'utf8')
      .trim()
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Line)
  : [];
const count = (kind: Line['kind']): number => done.filter((line) => line.kind === kind).length;

while (performance.now() < end && (count('same') < wanted.same || count('slower') < wanted.slower)) {
  // Mixed, so that both run under the same conditions.
  const kind =
    count('slower') < wanted.slower && count('slower') * wanted.same <= count('same') * wanted.slower
      ? 'slower'
      : 'same';
  const start = performance.now();
  const verdict = await judgeUnit(
    programOf(root),
    programOf(root, kind === 'slower' ? { TOUCHSTONE_BENCHMARK_SLOWDOWN: '0.1' } : {}),
    unit,
  );
  const line: Line = { ...verdict, kind, seconds: (performance.now() - start) / 1000, load: loadavg()[0]! };
  done.push(line);
  appendFileSync(values.out, `${JSON.stringify(line)}\n`);
  const runs = line.runs.map(({ found: { ratio, low, high, noise }, measured }) => {
    const interval = `${low.toFixed(3)}–${high.toFixed(3)}`;
    return `${ratio.toFixed(3)} (${interval}, noise ${noise.toFixed(3)}, ${measured.length} blocks)`;
  });
  console.error(`${kind} ${count(kind)}: ${line.verdict}, ${runs.join('; ')}, ${line.seconds.toFixed(0)} s`);
}

for (const kind of ['same', 'slower'] as const) {
  const lines = done.filter((line) => line.kind === kind);
  const of = (verdict: Line['verdict']): number => lines.filter((line) => line.verdict === verdict).length;
  const counts = (['slower', 'not slower', 'inconclusive'] as const).map((verdict) => `${of(verdict)} ${verdict}`);
  console.log(`${kind}: ${lines.length} runs, ${counts.join(', ')}`);
  const blocks = lines.flatMap(({ runs }) => runs.flatMap(({ measured }) => measured));
  const draws = blocks.length === 0 ? 0 : Number(values.draws);
  const random = new Random(1);
  const spoke = Array.from({ length: draws }, () => played(blocks, random) && played(blocks, random)).filter(
    Boolean,
  ).length;
  if (draws > 0) console.log(`  drawn from its ${blocks.length} blocks: slower in ${spoke} of ${draws}`);
}

/** Whether a run of the gate on drawn blocks says slower. */
function played(blocks: readonly MeasuredBlock[], random: Random): boolean {
  const drawn: MeasuredBlock[] = [];
  for (;;) {
    drawn.push(random.pick(blocks));
    if (drawn.length < minBlocks) continue;
    const { found, verdict } = judgeBlocks(drawn);
    if (isDecided(found) || drawn.length >= maxBlocks) return verdict === 'slower';
  }
}
