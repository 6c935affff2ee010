import type { CaseRow, Outcome, Stages } from '@touchstone/contract';
import type { ExplainRequest } from '@touchstone/session';
import { wholeStages } from '../golden/golden-file.js';
import type { GoldenStore } from '../golden/golden-store.js';
import { compareEach } from '../judge/compare-stages.js';
import { Oracle } from '../judge/oracle.js';
import { runCase, unavailable } from '../judge/run-case.js';
import type { Port } from '../port/port.js';
import { faultsOf, openPorts, type PortChoice } from './open-ports.js';

/** One stage of an answer next to its golden. */
export type ExplainedStage =
  | { readonly stage: string; readonly status: 'missing' }
  | {
      readonly stage: string;
      readonly status: 'agrees' | 'differs';
      /** Infinity: there is no distance, because of another shape or NaN. */
      readonly e2: number;
      readonly eMax: number;
      readonly allowed: number;
      readonly allowedMax: number;
    };

/** A case on one backend or port: its outcome, and every compared stage. */
export interface CaseExplanation {
  readonly outcome: Outcome;
  /** In order of computation; empty if the port did not answer. */
  readonly stages: readonly ExplainedStage[];
  readonly answer?: {
    readonly stages: Stages;
    readonly request: ExplainRequest;
    /** Of the compared stages those that the golden stores whole. */
    readonly expected: Stages;
  };
  /** What the port did against the rules of ports: whatever it answered does not count. */
  readonly faults: readonly string[];
}

export interface ExplainCaseOptions extends PortChoice {
  readonly golden: GoldenStore;
  /** Limit for one run of the case, in milliseconds. */
  readonly deadlineMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Receives what a port that is not ours prints. */
  readonly onPrinted?: ((line: string) => void) | undefined;
}

/** Runs one case on one backend or port and measures every stage, also where the case passes. */
export async function explainCase(row: CaseRow, options: ExplainCaseOptions): Promise<CaseExplanation> {
  const { golden, deadlineMs, signal } = options;
  golden.checkCases([row]);
  const oracle = new Oracle({ deadlineMs, signal });
  const started: Port[] = [];
  try {
    const { opened } = await openPorts(
      options,
      [row.id],
      { deadlineMs, signal, onPrinted: options.onPrinted },
      started,
    );
    const { port, state } = opened[0]!;
    if (state.kind === 'unavailable')
      return { outcome: unavailable(row, port.id, state.reason, true), stages: [], faults: [] };
    const { outcome, answer, request } = await runCase(golden, row, port, oracle);
    const faults = signal?.aborted ? [] : await faultsOf([port]);
    if (answer === undefined) return { outcome, stages: [], faults };
    const stored = golden.readGolden(row.id);
    const compared = compareEach(stored, answer.stages, port.tier);
    const expected = wholeStages(stored);
    return { outcome, stages: compared.map(explained), answer: { stages: answer.stages, request, expected }, faults };
  } finally {
    for (const port of [...started, oracle]) port.stop();
  }
}

function explained({ stage, judgement }: ReturnType<typeof compareEach>[number]): ExplainedStage {
  if (judgement === null) return { stage, status: 'missing' };
  const { check, e2, eMax, allowed } = judgement;
  const status = check === null ? 'agrees' : 'differs';
  return { stage, status, e2, eMax, allowed: allowed.e2, allowedMax: allowed.eMax };
}
