import { gate, gatePort, gateStatus, type GateRow } from '@touchstone/benchmarks';
import { coloursFor, formatTable, type Cell, type Colours } from '@touchstone/report';
import { untilInterrupted } from './interrupt.js';
import { printAs } from './json-outputs.js';
import { repository, requireClone } from './options.js';
import { note, print } from './output.js';

export interface GateOptions {
  readonly base: string;
  readonly port?: string;
  readonly head?: string;
  readonly prepare?: string;
  readonly benchmark?: string[];
  readonly backend?: string[];
  readonly clock?: 'processor' | 'wall';
  readonly json?: boolean;
  readonly golden: string;
}

/** Exit status 0 not slower · 3 slower · 4 inconclusive, or something broke · 64 no such base or benchmark. */
export async function runGate(options: GateOptions): Promise<void> {
  const { base, port, head, prepare, benchmark: benchmarks, backend: backends, clock, golden } = options;
  if (port === undefined) requireClone('touchstone gate without --port');
  const rows = await untilInterrupted((signal) =>
    port === undefined
      ? gate({ base, repository, golden, benchmarks, backends, clock, signal, onProgress: note })
      : gatePort({ port, base, head, prepare, golden, benchmarks, clock, signal, onProgress: note }),
  );
  process.exitCode = gateStatus(rows);
  if (options.json) return printAs('gate', rows);
  const colours = coloursFor(process.stdout);
  print(
    ...formatTable(
      [
        'benchmark',
        port === undefined ? 'backend' : 'port',
        'head ÷ base',
        '95 % interval',
        'threshold',
        'control',
        'verdict',
      ],
      rows.map((row) => cellsOf(row, colours)),
      colours,
      process.stdout.columns,
    ),
  );
  const reasons = rows.flatMap(({ benchmark, backend, reason }) =>
    reason === null ? [] : [`${benchmark} on ${backend}: ${reason}`],
  );
  if (reasons.length > 0) print('', ...reasons);
  print('', sentenceOf(rows));
}

function cellsOf(
  { benchmark, backend, verdict, ratio, low, high, threshold, control }: GateRow,
  { red, yellow, green }: Colours,
): Cell[] {
  const colour = { slower: red, inconclusive: yellow, 'not gated': yellow, 'not slower': green }[verdict];
  const times = (value: number | null): string => (value === null ? '–' : `${value.toFixed(3)}×`);
  return [
    { text: benchmark },
    { text: backend },
    { text: times(ratio) },
    { text: low === null ? '–' : `${times(low)} to ${times(high)}` },
    { text: threshold === null ? '–' : times(1 + threshold) },
    { text: times(control) },
    { text: verdict, colour },
  ];
}

function sentenceOf(rows: readonly GateRow[]): string {
  const slower = rows.filter(({ verdict }) => verdict === 'slower').length;
  if (slower > 0)
    return (
      `Slower: ${slower} of ${rows.length}, each measured twice: ` +
      'the 95 % confidence interval of head ÷ base exceeds the threshold.'
    );
  if (rows.some(({ verdict }) => verdict === 'inconclusive'))
    return (
      'Inconclusive: nothing is certainly slower, but not everything could be judged. ' +
      'Run it again on a quieter machine.'
    );
  return 'Not slower: no 95 % confidence interval exceeds the threshold.';
}
