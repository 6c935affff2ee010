/** `node benchmarks/dist/main.js [BENCHMARK …] [--rounds N] [--json]`: exit status 3 when one is slower than it needs to be. */
import { parseArgs } from 'node:util';
import { TouchstoneError } from '@touchstone/contract';
import type { BenchmarkRow } from './benchmark.js';
import { benchmarks, findBenchmark } from './registry.js';
import { formatTable } from './table.js';

try {
  process.exitCode = await main();
} catch (error) {
  const known = error instanceof TouchstoneError ? error : new TouchstoneError('usage', (error as Error).message);
  console.error(`${known.message}${known.hint ? `\n${known.hint}` : ''}`);
  process.exitCode = known.exitStatus;
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({ options: { rounds: { type: 'string', default: '3' }, json: { type: 'boolean', default: false } }, allowPositionals: true });
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) throw new TouchstoneError('usage', `--rounds ${values.rounds} is not a whole number from 1`);
  const chosen = positionals.length === 0 ? benchmarks : positionals.map(findBenchmark);
  const rows: BenchmarkRow[] = [];
  for (const { id, title, run } of chosen) {
    console.error(`${id}: ${title}`);
    rows.push(await run({ rounds, onProgress: (message) => console.error(`  ${message}`) }));
  }
  console.log(values.json ? JSON.stringify(rows) : formatTable(rows));
  return rows.every(({ ratioWithoutForward, required }) => ratioWithoutForward.median >= required) ? 0 : 3;
}
