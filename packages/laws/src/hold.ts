/** Holds an engine that is open in this process or page to the laws. Nothing here needs Node. */
import fc from 'fast-check';
import type { Backend } from '@touchstone/backends/page';
import { TouchstoneError } from '@touchstone/contract';
import { explain, findMethod } from '@touchstone/methods';
import { deconvRelu, guidedRelu, plainRelu, resizeBilinear } from '@touchstone/network';
import type { Law, Subject } from './law.js';

export interface LawResult {
  /** The law's id. */
  readonly law: string;
  readonly status: 'held' | 'broken';
  readonly seed: number;
  /** Examples on which the law was held to. */
  readonly runs: number;
  /** Examples too near a kink, where rounding decides. */
  readonly skipped: number;
  /** Where the counter-example is found again. */
  readonly path: string | null;
  /** The counter-example for a person: what disagrees, the shrunk example, how to replay. */
  readonly report: string | null;
}

export interface HoldOptions {
  readonly seed: number;
  readonly runs: number;
  readonly path?: string | undefined;
  readonly shrink?: boolean;
}

/**
 * The methods as they are, on a backend that is opened here; and what it runs on.
 * @throws TouchstoneError `backend-unavailable`; the laws' tolerances are those of float32 and float64
 */
export async function openSubject(backend: Backend): Promise<Subject & { readonly device: string }> {
  const availability = await backend.probe();
  if (availability.status === 'unavailable') throw new TouchstoneError('backend-unavailable', availability.reason);
  const { device, precision } = availability;
  if (precision === 'float16')
    throw new TouchstoneError('backend-unavailable', `${device} keeps half precision, for which no law says anything`);
  await backend.open();
  return {
    backend: backend.id,
    device,
    precision,
    deterministic: backend.deterministic,
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

const longest = 6000;

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
  return [
    `✗ ${id} on ${backend}: ${title}`,
    `  ${error}`,
    `  catches: ${why}`,
    `  replay: TOUCHSTONE_LAW=${id} TOUCHSTONE_SEED=${seed} TOUCHSTONE_PATH=${counterexamplePath ?? ''} npx vitest run src/${backend}.test.ts (in packages/laws)`,
    `  example, shrunk ${numShrinks} times:`,
    `  ${example.length > longest ? `${example.slice(0, longest)} … ${example.length - longest} more characters` : example}`,
  ].join('\n');
}
