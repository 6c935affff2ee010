import { join } from 'node:path';
import {
  counted,
  TouchstoneError,
  type CaseRow,
  type Outcome,
  type ResultLine,
  type Results,
  type SkipLimit,
} from '@touchstone/contract';
import {
  checkChoice,
  exportCases,
  openGolden,
  selectCases,
  verify,
  type JudgedAnswer,
  type GoldenStore,
  type NotMade,
  type OwnCase,
  type Plan,
  type PortChoice,
  type Verification,
} from '@touchstone/harness';
import { coloursFor, Gallery, listed, progressOn, renderSummary, roughly } from '@touchstone/report';
import { checkWritable, writeWhole } from '@touchstone/system';
import { givenOf, replayFrom } from './given.js';
import { untilInterrupted } from './interrupt.js';
import { note, print } from './output.js';
import { checkDistinct } from './outputs.js';
import { withOwnGolden } from './own-golden.js';
import { ReportFolder } from './report-folder.js';
import { formatsOfVerify, type FormatOptions, type ResultFormats } from './result-formats.js';
import { shown } from './shown.js';

export interface VerifyCommandOptions extends FormatOptions {
  readonly backend?: string[];
  readonly method?: string[];
  readonly network?: string[];
  readonly case?: string[];
  readonly profile: 'quick' | 'full';
  readonly port?: string;
  readonly image?: string;
  readonly input?: string[];
  readonly target?: string;
  readonly set?: string[];
  readonly shard?: string;
  readonly require?: string[];
  /** In seconds. */
  readonly deadline: number;
  readonly report: string;
  readonly json?: string;
  readonly export?: string;
  readonly outputs?: string;
  readonly partial?: boolean;
  readonly expectations?: string;
  readonly maxSkipped?: SkipLimit;
  readonly golden: string;
}

/** Exit status 0 fine · 1 not conformant · 4 something broke · 5 a golden is damaged · 130 interrupted. */
export async function runVerify(options: VerifyCommandOptions): Promise<void> {
  checkDistinct({ '--json': options.json === '-' ? undefined : options.json, '--port': options.port });
  if (options.export !== undefined) return verifyAsked(options, () => undefined, null);
  checkChoice(choiceOf(options));
  if (options.json !== undefined && options.json !== '-') checkWritable(options.json);
  const report = new ReportFolder(options.report);
  const formats = formatsOfVerify(options);
  const begin = (): void => {
    report.begin();
    formats.begin();
  };
  try {
    await verifyAsked(options, begin, formats);
  } catch (error) {
    const isWrongUsage = error instanceof TouchstoneError && error.exitStatus === 64;
    if (!isWrongUsage && !report.hasBegun) begin();
    throw error;
  } finally {
    report.release();
  }
}

/** @param begin called once the options are checked @param formats null: nothing is judged */
async function verifyAsked(
  options: VerifyCommandOptions,
  begin: () => void,
  formats: ResultFormats | null,
): Promise<void> {
  if (isOwn(options))
    return withOwnGolden(options, begin, async (golden, lacking) => {
      const results = await verifyCases(golden, golden.cases, options, lacking);
      if (results !== null) formats?.write([shown(results, { cases: golden.cases, golden: null })]);
    });
  const golden = openGolden(options.golden);
  const { method: methods, network: networks, case: ids, profile, shard } = options;
  // A case given by its full name runs whatever its profile.
  const whole = ids?.every((id) => !id.includes('*')) ?? false;
  const cases = selectCases(golden.cases, { methods, networks, cases: ids, profile: whole ? 'full' : profile, shard });
  begin();
  const results = await verifyCases(golden, cases, options);
  if (results !== null) formats?.write([shown(results, { cases: golden.cases, golden: options.golden })]);
}

function choiceOf({ backend, require, port, outputs, partial, expectations }: VerifyCommandOptions): PortChoice {
  return { backends: backend, require, port, outputs, partial, expectations };
}

/** Whether a network and an image of the user's own are judged, with goldens that are made for them. */
function isOwn({ image, input, target, set }: VerifyCommandOptions): boolean {
  if (image !== undefined || input !== undefined) return true;
  const idle = target !== undefined ? '--target' : set !== undefined ? '--set' : null;
  if (idle === null) return false;
  throw new TouchstoneError(
    'usage',
    `${idle} is for an image of your own: the cases of golden/ have theirs`,
    `Add --image or --input, or omit ${idle}.`,
  );
}

/** null: the cases were exported. */
async function verifyCases(
  golden: GoldenStore,
  cases: readonly CaseRow[],
  options: VerifyCommandOptions,
  lacking: readonly (OwnCase | NotMade)[] = [],
): Promise<Results | null> {
  if (options.export !== undefined) {
    const exported = exportCases(golden, cases, options.export);
    if (lacking.length > 0) process.exitCode = 4;
    print(
      `${counted(exported.length, 'case')} written to ${options.export}; ` +
        'run the port on them, then: npx touchstone verify --outputs FOLDER',
    );
    return null;
  }
  const { verification, lines, page, hasImages } = await untilInterrupted((signal) =>
    run(golden, cases, lacking, options, signal),
  );
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  if (options.json === '-') process.stdout.write(text);
  else {
    if (options.json !== undefined) writeWhole(options.json, text);
    const why = new Map(cases.map((row) => [row.id, row.why]));
    const heavy = new Set(cases.filter((row) => row.profile === 'full').map(({ id }) => id));
    print(
      renderSummary(
        {
          outcomes: verification.outcomes,
          unavailable: verification.header.unavailable,
          footer: verification.footer ?? undefined,
          faults: verification.summary.faults,
          notJudged: verification.summary.notJudged,
          findings: verification.summary.findings,
          why,
          heavy,
          replay: (outcome) => replayFrom(verification.header, outcome),
          width: process.stdout.columns ?? 80,
        },
        coloursFor(process.stdout),
      ).trimEnd(),
    );
    for (const { id, device, precision, softwareRenderer } of verification.header.backends) {
      if (precision === 'float16') print(`${id} runs in float16; judged with float16 tolerances`);
      if (softwareRenderer) print(`${id} ran on a software renderer: ${device}`);
    }
    print(`${hasImages ? 'images and numbers' : 'numbers'}: ${page}`);
  }
  process.exitCode = verification.exitStatus;
  return verification;
}

/** What another's port answers may be no image at all; then there is none. */
async function show(gallery: Gallery, row: CaseRow, { outcome, stages, expected, request, own }: JudgedAnswer) {
  try {
    await gallery.compare(outcome, expected, stages);
    await gallery.add(row, outcome.backend, stages, request);
  } catch (error) {
    if (own || !(error instanceof Error) || 'syscall' in error) throw error;
  }
}

async function run(
  golden: GoldenStore,
  cases: readonly CaseRow[],
  lacking: readonly (OwnCase | NotMade)[],
  options: VerifyCommandOptions,
  signal: AbortSignal,
) {
  const gallery = new Gallery(options.report, (name) => golden.networkFolder(name));
  const progress = progressOn(process.stderr);
  progress.update(0, 0, 'starting the backends');
  let isStarted = false;
  try {
    const verification = await verify({
      golden,
      cases,
      lacking,
      named: options.method?.filter((id) => !id.includes('*')),
      maxSkipped: options.maxSkipped,
      given: givenOf(options),
      signal,
      resultsDir: options.report,
      deadlineMs: 1000 * options.deadline,
      ...choiceOf(options),
      onPrinted: (text) => {
        progress.end();
        note(`port: ${text}`);
      },
      onStart: (plan) => {
        progress.end();
        isStarted = true;
        for (const text of describePlan(plan, cases.length)) note(text);
      },
      onProgress: ({ case: id, backend }, { done, total, secondsLeft }) =>
        progress.update(done, total, `${id} on ${backend}`, secondsLeft),
      onResult: (row, judged) => show(gallery, row, judged),
    });
    signal.throwIfAborted();
    const lines = linesOf(verification);
    const { header, outcomes, footer, summary } = verification;
    const reported = {
      header,
      outcomes,
      footer,
      problems: summary.faults,
      replay: (outcome: Outcome) => replayFrom(header, outcome),
    };
    return { verification, lines, page: gallery.finish(reported, cases), hasImages: gallery.hasImages };
  } catch (error) {
    if (signal.aborted && isStarted) {
      progress.end();
      note(`the results so far: ${join(options.report, 'results.partial.ndjson')}`);
    }
    throw error;
  } finally {
    progress.end();
  }
}

/** What is about to run, and what is not. */
function describePlan({ backends, leftOut, misspelt, seconds }: Plan, cases: number): string[] {
  const time = seconds === null ? '' : `: ${roughly(seconds)}`;
  const runs = `${counted(cases, 'case')} on ${listed(backends)}${time}`;
  const are = leftOut.length === 1 ? 'is' : 'are';
  const missing = `${listed(leftOut)} ${are} available through a software renderer only`;
  return [
    ...misspelt.map(({ name, meant }) => `the port's method "${name}" is unknown; did you mean "${meant}"?`),
    ...(backends.length === 0 ? [] : [runs]),
    ...(leftOut.length === 0
      ? []
      : [`${missing}; --backend ${leftOut[0]!} runs ${leftOut.length === 1 ? 'it' : 'them'}`]),
  ];
}

/** The lines of results.ndjson; without a footer when the run is not complete. */
function linesOf({ header, outcomes, footer }: Verification): ResultLine[] {
  return [header, ...outcomes, ...(footer === null ? [] : [footer])];
}
