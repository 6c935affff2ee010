import { counted } from '@touchstone/contract';
import { runPortCheck, type CheckRow, type NamedPortCheck } from '@touchstone/harness';
import { coloursFor, formatTable, type Cell } from '@touchstone/report';
import { untilInterrupted } from './interrupt.js';
import { printAs } from './json-outputs.js';
import { shellWord } from './shell-word.js';
import { note, print } from './output.js';

export interface PortCheckCommandOptions {
  readonly port: string;
  /** In seconds. */
  readonly deadline: number;
  readonly json?: boolean;
}

const checks = ['identity', 'zero', 'asymmetric', 'square', 'must differ'] as const;

/** Exit status 0 all agree · 1 a wrong answer · 4 something was not answered because it broke, or nothing was. */
export async function checkPort({ port, deadline, json = false }: PortCheckCommandOptions): Promise<void> {
  const found = await untilInterrupted((signal) =>
    runPortCheck({ port, deadlineMs: 1000 * deadline, signal, onPrinted: (text) => note(`port: ${text}`) }),
  );
  process.exitCode = statusOf(found.rows);
  if (json) printAs('port-check', found);
  else print(...render(found, port));
}

function statusOf(rows: readonly CheckRow[]): number {
  const has = (wanted: CheckRow['status']): boolean => rows.some(({ status }) => status === wanted);
  if (has('differs')) return 1;
  return has('errored') || !has('agrees') ? 4 : 0;
}

function render({ port, rows, faults, unexplained, unchecked }: NamedPortCheck, given: string): string[] {
  const colours = coloursFor(process.stdout);
  const cells = {
    agrees: { text: '✓', colour: colours.green },
    differs: { text: '✗', colour: colours.red },
    errored: { text: 'error', colour: colours.red },
    unsupported: { text: '–' },
  };
  const methods = [...new Set(rows.map(({ method }) => method))];
  const cellOf = (method: string, check: string): Cell => {
    const row = rows.find((each) => each.method === method && each.check === check);
    return row === undefined ? { text: '' } : cells[row.status];
  };
  const table = methods.map((method) =>
    ['method', ...checks].map((column, i) => (i === 0 ? { text: method } : cellOf(method, column))),
  );
  const lines =
    rows.length === 0 ? [] : formatTable(['method', ...checks], table, colours, process.stdout.columns ?? 80);
  for (const { methods: named, says, remedy, certain } of faults)
    lines.push('', colours.red(`✗ ${named.join(', ')}: ${certain ? '' : 'it could be that '}${says}`), `  ${remedy}`);
  for (const method of unexplained)
    lines.push(
      '',
      colours.red(`✗ ${method}: no fault of the glue gives this answer; it may be the method`),
      `  Run "touchstone verify --method ${method} --port ${shellWord(given)}", which names the likely cause.`,
    );
  lines.push(...detailsOf(rows));
  for (const { method, reason } of unchecked) lines.push('', `${method} is not checked here: ${reason}`);
  return [...lines, '', summaryOf(port, rows)];
}

/** Each wrong answer, and the first of equal errors of each method and of what is not supported. */
function detailsOf(rows: readonly CheckRow[]): string[] {
  const shown = new Set<string>();
  const lines: string[] = [];
  for (const { method, check, status, reason } of rows) {
    const key = status === 'differs' ? `${method} ${check}` : `${method} ${status} ${reason}`;
    if (reason === null || shown.has(key)) continue;
    shown.add(key);
    lines.push(
      ...(shown.size === 1 ? [''] : []),
      `${status === 'unsupported' ? '–' : '✗'} ${method}, ${check}: ${reason}`,
    );
  }
  return lines;
}

function summaryOf({ name, version }: NamedPortCheck['port'], rows: readonly CheckRow[]): string {
  const count = (wanted: CheckRow['status']): number => rows.filter(({ status }) => status === wanted).length;
  const answers = `${count('agrees')} of ${counted(rows.length, 'check')} passed, ${count('differs')} failed`;
  return `${name} ${version}: ${answers}, ${count('unsupported')} not supported, ${count('errored')} errored`;
}
