import { join } from 'node:path';
import { parseJsonLines, ResultLine, type CaseRow, type Footer, type Outcome } from '@touchstone/contract';
import {
  exitStatus,
  exportCases,
  openGolden,
  selectCases,
  verify,
  type GoldenStore,
  type Verification,
} from '@touchstone/harness';
import { coloursFor, Gallery, progressOn, renderSummary } from '@touchstone/report';
import { readText, writeWhole } from '@touchstone/system';
import { untilInterrupted } from './interrupt.js';
import { defaultDeadline } from './options.js';
import { note, print } from './output.js';

export interface VerifyCommandOptions {
  readonly backend?: string[];
  readonly method?: string[];
  readonly network?: string[];
  readonly case?: string[];
  readonly profile: 'quick' | 'full';
  readonly port?: string;
  readonly shard?: string;
  readonly require?: string[];
  /** In seconds. */
  readonly deadline: number;
  readonly report: string;
  readonly json?: string;
  readonly export?: string;
  readonly outputs?: string;
  readonly golden: string;
}

/** Exit status 0 fine · 1 not conformant · 4 something broke · 5 a golden is damaged · 130 interrupted. */
export async function runVerify(options: VerifyCommandOptions): Promise<void> {
  const golden = openGolden(options.golden);
  const { method: methods, network: networks, case: ids, profile, shard } = options;
  // A case asked for by its whole name is meant, whichever its profile.
  const whole = ids?.every((id) => !id.includes('*')) ?? false;
  const cases = selectCases(golden.cases, { methods, networks, cases: ids, profile: whole ? 'full' : profile, shard });
  if (options.export !== undefined) {
    const exported = exportCases(golden, cases, options.export);
    return print(
      `${exported.length} cases written to ${options.export}; run the port on them, then: touchstone verify --outputs FOLDER`,
    );
  }
  const { verification, lines, page } = await untilInterrupted((signal) => run(golden, cases, options, signal));
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  if (options.json === '-') process.stdout.write(text);
  else {
    if (options.json !== undefined) writeWhole(options.json, text);
    const footer = lines.find((line): line is Footer => line.kind === 'footer');
    const why = new Map(cases.map((row) => [row.id, row.why]));
    const heavy = new Set(cases.filter((row) => row.profile === 'full').map(({ id }) => id));
    print(
      renderSummary(
        {
          outcomes: verification.outcomes,
          unavailable: verification.header.unavailable,
          footer,
          findings: verification.summary.findings,
          why,
          heavy,
          replay: (outcome) => replay(outcome, options),
        },
        coloursFor(process.stdout),
      ).trimEnd(),
    );
    for (const { id, device, precision, softwareRenderer } of verification.header.backends) {
      if (precision === 'float16') print(`${id} keeps half precision: degraded, and judged as such`);
      if (softwareRenderer) print(`${id} ran on a software renderer: ${device}`);
    }
    print(`images and numbers: ${page}`);
  }
  process.exitCode = exitStatus(verification.summary);
}

function replay({ case: id, backend }: Outcome, { port, outputs, deadline }: VerifyCommandOptions): string {
  const subject =
    port !== undefined ? `--port ${port}` : outputs !== undefined ? `--outputs ${outputs}` : `--backend ${backend}`;
  return `npx touchstone verify --case ${id} ${subject}${deadline === defaultDeadline ? '' : ` --deadline ${deadline}`}`;
}

async function run(golden: GoldenStore, cases: CaseRow[], options: VerifyCommandOptions, signal: AbortSignal) {
  const gallery = new Gallery(options.report, (name) => golden.networkFolder(name));
  const progress = progressOn(process.stderr);
  progress.update(0, 0, 'starting the engines');
  try {
    const verification = await verify({
      golden,
      cases,
      signal,
      resultsDir: options.report,
      deadlineMs: 1000 * options.deadline,
      backends: options.backend,
      require: options.require,
      port: options.port,
      outputs: options.outputs,
      onProgress: (outcome, done, total) => progress.update(done, total, `${outcome.case} on ${outcome.backend}`),
      onResult: (row, backend, stages, request) => gallery.add(row, backend, stages, request),
    });
    signal.throwIfAborted();
    const lines = linesOf(verification);
    return { verification, lines, page: await gallery.finish(lines, cases) };
  } catch (error) {
    if (signal.aborted) {
      progress.end();
      note(`interrupted; what was found until then: ${join(options.report, 'results.partial.ndjson')}`);
    }
    throw error;
  } finally {
    progress.end();
  }
}

/** As they stand in results.ndjson; without a footer when the run is not complete. */
function linesOf({ file, header, outcomes }: Verification): ResultLine[] {
  return file === null
    ? [header, ...outcomes]
    : parseJsonLines(readText(file, 'internal'), ResultLine, file, 'internal');
}
