import { plainText, TouchstoneError, unknownName, type CaseRow, type Outcome } from '@touchstone/contract';
import { explainCase, openGolden, type CaseExplanation, type GoldenStore } from '@touchstone/harness';
import {
  coloursFor,
  describeOutcome,
  figure,
  formatTable,
  Gallery,
  writeComparisonSheet,
  type Cell,
} from '@touchstone/report';
import { findBackend } from '@touchstone/backends';
import { methods } from '@touchstone/methods';
import { checkWritable } from '@touchstone/system';
import { join } from 'node:path';
import { commandWith, type Chosen } from './chosen.js';
import { untilInterrupted } from './interrupt.js';
import { printAs, type JsonOutput } from './json-outputs.js';
import { note, print } from './output.js';
import { faultLines } from './port-faults.js';

export interface ExplainCommandOptions {
  readonly backend?: string;
  readonly port?: string;
  readonly outputs?: string;
  /** In seconds. */
  readonly deadline: number;
  readonly report?: string;
  readonly json?: boolean;
  readonly golden: string;
  /** An option of `attribute` that was given. */
  readonly meant?: string;
}

/** Exit status 0 passed · 1 failed · 4 skipped, errored or incomplete · 5 the golden is damaged. */
export async function runExplain(id: string, options: ExplainCommandOptions): Promise<void> {
  refuseMethods(id, options.meant);
  const golden = openGolden(options.golden);
  const row = golden.cases.find((known) => known.id === id);
  if (row === undefined) {
    const ids = golden.cases.map((known) => known.id);
    throw unknownName('case', id, ids);
  }
  const { port, outputs, deadline } = options;
  if (options.backend !== undefined) findBackend(options.backend);
  // The images' folder is known after the run only.
  if (options.report !== undefined)
    for (const name of ['images', 'explained']) checkWritable(join(options.report, name, 'any.png'));
  const ours = port === undefined && outputs === undefined;
  const backends = ours || options.backend !== undefined ? [options.backend ?? 'wasm'] : undefined;
  const found = await untilInterrupted((signal) =>
    explainCase(row, {
      golden,
      backends,
      port,
      outputs,
      deadlineMs: 1000 * deadline,
      signal,
      onPrinted: (text) => note(`port: ${text}`),
    }),
  );
  const written = await imagesOf(found, row, golden, options.report);
  process.exitCode = statusOf(found);
  if (options.json) printAs('explain', asJson(found, row, written, options));
  else print(...render(found, row, written, options));
}

/** @throws `usage` where an explanation of an image is asked for */
function refuseMethods(id: string, meant: string | undefined): void {
  const method = methods.some((known) => known.id === id) ? id : undefined;
  if (method === undefined && meant === undefined) return;
  const subject = method === undefined ? `${meant} is an option` : `"${id}" is a method`;
  throw new TouchstoneError(
    'usage',
    `explain explains the outcome of a case; ${subject} of attribute`,
    `Use "touchstone attribute ${method ?? 'METHOD'} --network … --image …" to explain an image.`,
  );
}

/** The command that explains an outcome. */
export function replayOf(
  { case: id, backend }: Outcome,
  { port, outputs, deadline, golden }: Pick<Chosen, 'port' | 'outputs' | 'deadline' | 'golden'>,
): string {
  const subject = port !== undefined ? { port } : outputs !== undefined ? { outputs } : { backend: [backend] };
  return commandWith(`explain ${id}`, Object.assign({ deadline, golden }, subject));
}

interface Written {
  /** Of the answer, and of its stages next to the golden. */
  readonly images: readonly string[];
  /** The page that shows them; null: the port did not answer, or nothing is kept. */
  readonly page: string | null;
}

/** Paths of what it wrote. */
async function imagesOf(
  found: CaseExplanation,
  row: CaseRow,
  golden: GoldenStore,
  report: string | undefined,
): Promise<Written> {
  const { outcome, answer, stages } = found;
  if (answer === undefined || report === undefined) return { images: [], page: null };
  const gallery = new Gallery(report, (name) => golden.networkFolder(name));
  const files = await gallery.add(row, outcome.backend, answer.stages, answer.request).catch(noneOrThrow);
  const { page, images } = await writeComparisonSheet(report, {
    id: row.id,
    backend: outcome.backend,
    why: row.why,
    reason: outcome.reason,
    stages,
    expected: answer.expected,
    answer: answer.stages,
  });
  const compared = shownStages(stages).flatMap((stage) => images[stage] ?? []);
  return { images: [...files, ...compared].map((file) => join(report, file)), page: join(report, page) };
}

/** Most stages whose images are printed; the page has all. */
const maxPrinted = 3;

/** The stages that differ, in order, and the last. */
function shownStages(stages: CaseExplanation['stages']): string[] {
  const differing = stages.filter(({ status }) => status === 'differs').map(({ stage }) => stage);
  return [...new Set([...differing.slice(0, maxPrinted - 1), stages.at(-1)?.stage ?? 'attribution'])];
}

/** An answer that cannot be drawn has no images; a file that cannot be written is an error. */
function noneOrThrow(error: unknown): never[] {
  if (error instanceof Error && 'syscall' in error) throw error;
  return [];
}

function statusOf({ outcome, faults }: CaseExplanation): number {
  if (outcome.status === 'passed' && faults.length === 0) return 0;
  if (outcome.status === 'failed') return 1;
  return outcome.status === 'errored' && outcome.code === 'golden-damaged' ? 5 : 4;
}

function firstDiverging({ stages }: CaseExplanation): string | null {
  return stages.find(({ status }) => status === 'differs')?.stage ?? null;
}

function asJson(
  found: CaseExplanation,
  row: CaseRow,
  { images, page }: Written,
  options: ExplainCommandOptions,
): JsonOutput<'explain'> {
  const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);
  return {
    outcome: found.outcome,
    why: row.why,
    firstDivergingStage: firstDiverging(found),
    stages: found.stages.map((stage) =>
      stage.status === 'missing' ? stage : { ...stage, e2: finite(stage.e2), eMax: finite(stage.eMax) },
    ),
    images,
    ...(page !== null && { page }),
    faults: [...found.faults],
    replay: replayOf(found.outcome, options),
  };
}

function render(found: CaseExplanation, row: CaseRow, { images, page }: Written, options: ExplainCommandOptions) {
  const colours = coloursFor(process.stdout);
  const described = describeOutcome(found.outcome, row.why, replayOf(found.outcome, options), colours);
  const rows = found.stages.map((stage): Cell[] => {
    if (stage.status === 'missing') return [{ text: stage.stage }, { text: 'not given' }];
    const numbers = [stage.e2, stage.allowed, stage.eMax, stage.allowedMax];
    const paint = stage.status === 'agrees' ? colours.green : colours.red;
    return [
      { text: stage.stage },
      { text: stage.status, colour: paint },
      ...numbers.map((value) => ({ text: figure(value), right: true })),
    ];
  });
  const diverging = firstDiverging(found);
  const replay = described.at(-1)!;
  return [
    ...described.slice(0, -1),
    ...(rows.length === 0
      ? []
      : formatTable(
          ['stage', 'status', 'e2', 'e2 allowed', 'eMax', 'eMax allowed'],
          rows,
          colours,
          process.stdout.columns && process.stdout.columns - 4,
        ).map((text) => `    ${text}`.trimEnd())),
    ...(diverging === null ? [] : [`    first diverging stage: ${plainText(diverging, 100)}`]),
    ...images.map((file) => `    image: ${file}`),
    ...(page === null ? [] : [`    page: ${page}`]),
    ...(options.report === undefined ? ['    images of each stage: add --report DIR'] : []),
    replay,
    // The reason of an error has them.
    ...(found.outcome.status === 'errored' ? [] : faultLines(found.faults, colours)),
  ];
}
