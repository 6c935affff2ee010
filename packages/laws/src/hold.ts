/** Tests laws on a backend that is open in this process or page. Nothing here needs Node. */
import fc from 'fast-check';
import type { Backend } from '@touchstone/backends/page';
import { explain, findMethod } from '@touchstone/methods';
import { deconvRelu, guidedRelu, plainRelu, resizeBilinear } from '@touchstone/network';
import type { Extension } from '@touchstone/session/page';
import type { Law, Subject } from './law.js';
import { findLaw } from './laws.js';

export interface LawResult {
  /** The law's id. */
  readonly law: string;
  readonly status: 'held' | 'broken';
  readonly seed: number;
  /** Examples on which the law was tested. */
  readonly runs: number;
  /** Examples too near a switch point, where rounding decides. */
  readonly skipped: number;
  /** fast-check's path to the counter-example. */
  readonly path: string | null;
  /** The counter-example as text: the difference, the shrunk example, how to replay it. */
  readonly report: string | null;
}

export interface HoldOptions {
  readonly seed: number;
  readonly runs: number;
  readonly path?: string | undefined;
  readonly shrink?: boolean;
}

/** The question to the process or page where the backend is open. */
export interface LawQuestion {
  readonly law: string;
  readonly options: HoldOptions;
}

/** Tests a law on the open backend. */
export const holdExtension: Extension = (question, { backend, info }) => {
  const { law, options } = question as LawQuestion;
  return holdTo(findLaw(law), subjectOf(backend, info.precision), options);
};

/** The unchanged methods, on a backend that is open here. */
export function subjectOf({ id, deterministic }: Backend, precision: string): Subject {
  return {
    backend: id,
    precision: precision === 'float64' ? 'float64' : 'float32',
    deterministic,
    explain: async (method, explanation) => (await explain(findMethod(method), explanation)).stages,
    relu: { plain: plainRelu, deconv: deconvRelu, guided: guidedRelu },
    resize: resizeBilinear,
  };
}

export async function holdTo(
  law: Law,
  subject: Subject,
  { seed, runs, path, shrink = true }: HoldOptions,
): Promise<LawResult> {
  const details = await fc.check(law.property(subject), {
    seed,
    numRuns: runs,
    endOnFailure: !shrink,
    ...(path === undefined ? {} : { path }),
  });
  const counts = { law: law.id, seed, runs: details.numRuns, skipped: details.numSkips };
  if (!details.failed) return { ...counts, status: 'held', path: null, report: null };
  return { ...counts, status: 'broken', path: details.counterexamplePath, report: reportOf(law, subject, details) };
}

const maxExampleLength = 6000;

function reportOf(
  { id, title, why }: Law,
  { backend }: Subject,
  { seed, numShrinks, counterexample, counterexamplePath, errorInstance }: fc.RunDetails<[unknown]>,
): string {
  const error =
    errorInstance instanceof Error
      ? errorInstance.name === 'Disagreement'
        ? errorInstance.message
        : (errorInstance.stack ?? errorInstance.message)
      : 'too many examples were skipped';
  const example = counterexample ? fc.stringify(counterexample[0]) : '';
  const settings = `TOUCHSTONE_LAW=${id} TOUCHSTONE_SEED=${seed} TOUCHSTONE_PATH=${counterexamplePath ?? ''}`;
  const rest = example.length - maxExampleLength;
  return [
    `✗ ${id} on ${backend}: ${title}`,
    `  ${error}`,
    `  catches: ${why}`,
    `  replay: ${settings} npx vitest run src/${backend}.test.ts (in packages/laws)`,
    `  example, shrunk ${numShrinks} times:`,
    `  ${rest > 0 ? `${example.slice(0, maxExampleLength)} … ${rest} more characters` : example}`,
  ].join('\n');
}
