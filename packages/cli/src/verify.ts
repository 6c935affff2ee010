import { join } from 'node:path';
import {
  counted,
  resultsFiles,
  resultsText,
  TouchstoneError,
  type CaseRow,
  type Part,
  type Results,
  type SkipLimit,
} from '@touchstone/contract';
import {
  checkChoice,
  exportCases,
  namesIn,
  openGolden,
  planShard,
  readEarlier,
  selectCases,
  verify,
  type CaseSource,
  type GoldenStore,
  type NotMade,
  type OwnCase,
  type Plan,
  type PlannedShard,
  type PortChoice,
  type Shard,
} from '@touchstone/harness';
import { listed, progressOn, roughly } from '@touchstone/report';
import { commandOfShard, optionWords } from './chosen.js';
import { givenOf, isOfOwn, replayFrom } from './given.js';
import { withImageCases } from './image-cases.js';
import { untilInterrupted } from './interrupt.js';
import { KeptReport, nothingKept } from './kept-report.js';
import { note, print } from './output.js';
import { checkDistinct } from './outputs.js';
import { withOwnGolden } from './own-golden.js';
import { printVerification } from './print-verification.js';
import { checkResultLines, ReportFolder } from './report-folder.js';
import { formatsOfRun, type FormatOptions } from './result-formats.js';
import { RunFiles } from './run-files.js';
import { shardOf } from './shard-option.js';
import { shown } from './shown.js';

export interface VerifyCommandOptions extends FormatOptions {
  readonly backend?: string[];
  readonly method?: string[];
  readonly network?: string[];
  readonly case?: string[];
  readonly profile: 'quick' | 'full';
  readonly port?: string;
  readonly image?: string;
  readonly images?: string;
  readonly input?: string[];
  readonly target?: string;
  readonly set?: string[];
  readonly shard?: string;
  readonly require?: string[];
  /** In seconds. */
  readonly deadline: number;
  readonly report?: string;
  readonly resume?: boolean;
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
  const { json, port, expectations, report } = options;
  checkDistinct({ '--json': json === '-' ? undefined : json, '--port': port });
  if (options.export !== undefined) return verifyAsked(options, null);
  if (options.shard !== undefined && options.maxSkipped !== undefined)
    throw new TouchstoneError(
      'usage',
      '--max-skipped is for all cases, and --shard judges a part of them',
      'Omit it here, and give --max-skipped to "touchstone merge".',
    );
  checkChoice(choiceOf(options));
  if (json !== undefined && json !== '-') checkResultLines(json);
  const formats = formatsOfRun(options, { '--port': port, '--expectations': expectations });
  const folder = report === undefined ? null : new ReportFolder(report);
  const files = new RunFiles(folder, formats, { resumes: options.resume, lines: json });
  try {
    await verifyAsked(options, files);
  } catch (error) {
    files.fail(error);
    throw error;
  } finally {
    files.release();
  }
}

/** @param files null: nothing is judged */
async function verifyAsked(options: VerifyCommandOptions, files: RunFiles | null): Promise<void> {
  const shard = options.shard === undefined ? { shard: 1, shards: 1 } : shardOf(options.shard);
  const judge = async (golden: CaseSource, cases: readonly CaseRow[], lacking: readonly (OwnCase | NotMade)[] = []) => {
    const { part, cases: mine } = planned(golden, cases, options, shard);
    if (options.resume && options.report !== undefined) readEarlier(options.report, part);
    files?.begin();
    const results = await verifyCases(golden, { cases: mine, part, lacking }, options, files);
    const from = isOwn(options) ? null : options.golden;
    files?.write(shown(results, { cases: golden.cases, golden: from }));
  };
  const { method: methods, network: networks, case: ids, profile, images } = options;
  if (images !== undefined)
    return withImageCases({ ...options, images }, (golden, lacking) =>
      judge(golden, selectCases(golden.cases, { cases: ids }), lacking),
    );
  if (isOwn(options))
    return withOwnGolden(
      options,
      () => files?.begin(),
      async (golden, lacking) =>
        options.export === undefined
          ? judge(golden, golden.cases, lacking)
          : exportTo(options.export, golden, planned(golden, golden.cases, options, shard), lacking),
    );
  const golden = openGolden(options.golden);
  const cases = selectCases(golden.cases, { methods, networks, cases: ids, profile });
  if (options.export !== undefined) return exportTo(options.export, golden, planned(golden, cases, options, shard), []);
  return judge(golden, cases);
}

function exportTo(
  folder: string,
  golden: GoldenStore,
  { cases }: PlannedShard,
  lacking: readonly (OwnCase | NotMade)[],
): void {
  const exported = exportCases(golden, cases, folder);
  if (lacking.length > 0) process.exitCode = 4;
  print(
    `${counted(exported.length, 'case')} written to ${folder}; ` +
      'run the port on them, then: npx touchstone verify --outputs FOLDER',
  );
}

function planned(
  golden: CaseSource,
  cases: readonly CaseRow[],
  options: VerifyCommandOptions,
  shard: Shard,
): PlannedShard {
  return planShard(
    {
      cases,
      golden,
      isMade: isOwn(options),
      choice: choiceOf(options),
      deadlineMs: 1000 * options.deadline,
      named: namesIn(options.method),
      words: optionWords(options),
    },
    shard,
  );
}

function choiceOf({ backend, require, port, outputs, partial, expectations }: VerifyCommandOptions): PortChoice {
  return { backends: backend, require, port, outputs, partial, expectations };
}

/** Whether a network and an image of the user's own are judged, with goldens that are made for them. */
function isOwn({ image, images, input, target, set }: VerifyCommandOptions): boolean {
  if (isOfOwn({ image, images, input })) return true;
  const idle = target !== undefined ? '--target' : set !== undefined ? '--set' : null;
  if (idle === null) return false;
  throw new TouchstoneError(
    'usage',
    `${idle} is for an image of your own: the cases of golden/ have theirs`,
    `Add --image, --images or --input, or omit ${idle}.`,
  );
}

interface Judged extends PlannedShard {
  readonly lacking: readonly (OwnCase | NotMade)[];
}

async function verifyCases(
  golden: CaseSource,
  judged: Judged,
  options: VerifyCommandOptions,
  files: RunFiles | null,
): Promise<Results> {
  const { verification, kept } = await untilInterrupted((signal) => run(golden, judged, options, { files, signal }));
  files?.writeLines(resultsText(verification));
  if (options.json !== '-') {
    printVerification(verification, judged.cases, (outcome) => replayFrom(verification.header, outcome));
    print(kept);
  }
  process.exitCode = verification.exitStatus;
  return verification;
}

async function run(
  golden: CaseSource,
  { cases, part, lacking }: Judged,
  options: VerifyCommandOptions,
  { files, signal }: { readonly files: RunFiles | null; readonly signal: AbortSignal },
) {
  const { report, resume } = options;
  const kept = report === undefined ? null : new KeptReport(report, golden, resume);
  const progress = progressOn(process.stderr);
  progress.update(0, 0, 'starting the backends');
  let isStarted = false;
  try {
    const verification = await verify({
      golden,
      cases,
      part,
      resume,
      lacking,
      isMade: isOwn(options),
      named: namesIn(options.method),
      maxSkipped: options.maxSkipped,
      given: givenOf(options),
      signal,
      resultsDir: report,
      deadlineMs: 1000 * options.deadline,
      ...choiceOf(options),
      onPrinted: (text) => {
        progress.end();
        note(`port: ${text}`);
      },
      onStart: (plan) => {
        progress.end();
        isStarted = true;
        files?.start();
        for (const text of describePlan(plan, cases.length, part)) note(text);
      },
      onProgress: ({ case: id, backend }, { done, total, secondsLeft }) =>
        progress.update(done, total, `${id} on ${backend}`, secondsLeft),
      onResult: kept === null ? undefined : (row, judged) => kept.add(row, judged),
    });
    signal.throwIfAborted();
    return { verification, kept: kept?.finish(verification, cases) ?? nothingKept };
  } catch (error) {
    if (signal.aborted && isStarted) {
      progress.end();
      for (const text of whatIsLeft(part, report)) note(text);
    }
    throw error;
  } finally {
    progress.end();
  }
}

/** What an interrupted run leaves, and how to go on. */
function whatIsLeft(part: Part, report: string | undefined): string[] {
  if (report === undefined) return ['nothing is kept: with --report DIR, --resume goes on where a run was interrupted'];
  return [
    `the results so far: ${join(report, resultsFiles.partial)}`,
    `to go on: ${commandOfShard(part, part.shard ?? 1, report)}`,
  ];
}

/** What is about to run, and what is not. */
function describePlan({ backends, leftOut, misspelt, seconds, kept }: Plan, cases: number, part: Part): string[] {
  const time = seconds === null ? '' : `: ${roughly(seconds)}`;
  const shard = part.shards === 1 ? '' : `shard ${part.shard}/${part.shards} of ${counted(part.total, 'case')}: `;
  const done = kept === 0 ? '' : `, ${counted(kept, 'outcome')} kept of the earlier run`;
  const runs = `${shard}${counted(cases, 'case')} on ${listed(backends)}${done}${time}`;
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
