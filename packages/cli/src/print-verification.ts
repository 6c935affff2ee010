/** The summary of a run, or of the merged shards of one, on the terminal. */
import type { CaseRow, Outcome } from '@touchstone/contract';
import type { Verification } from '@touchstone/harness';
import { coloursFor, distributionLines, renderSummary } from '@touchstone/report';
import { print } from './output.js';

/** @param replay the command that explains an outcome */
export function printVerification(
  { header, outcomes, footer, summary }: Pick<Verification, 'header' | 'outcomes' | 'footer' | 'summary'>,
  cases: readonly CaseRow[],
  replay: (outcome: Outcome) => string,
): void {
  const run = {
    outcomes,
    unavailable: header.unavailable,
    footer: footer ?? undefined,
    faults: summary.faults,
    notJudged: summary.notJudged,
    findings: summary.findings,
    why: new Map(cases.map((row) => [row.id, row.why])),
    heavy: new Set(cases.filter((row) => row.profile === 'full').map(({ id }) => id)),
    replay,
    width: process.stdout.columns ?? 80,
  };
  const colours = coloursFor(process.stdout);
  print(renderSummary(run, colours).trimEnd());
  // Of many images no single one is looked at.
  if (header.given?.images !== undefined) print(...distributionLines(outcomes, colours, run.width));
  for (const { id, device, precision, softwareRenderer } of header.backends) {
    if (precision === 'float16') print(`${id} runs in float16; judged with float16 tolerances`);
    if (softwareRenderer) print(`${id} ran on a software renderer: ${device}`);
  }
}
