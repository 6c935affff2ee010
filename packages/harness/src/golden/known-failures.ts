/** What fails now, as rows of expectations.jsonc: the baseline of the runs that follow. */
import { isErrorCode, plainText, type ErrorCode, type Outcome } from '@touchstone/contract';
import type { Expectation } from './expectations.js';

export interface KnownFailures {
  readonly rows: readonly Expectation[];
  /** Outcomes that cannot be expected: a damaged golden, a code that this version does not know. */
  readonly left: readonly Outcome[];
}

/** @param link to the issue that tracks them @param expires the last day on which they count, YYYY-MM-DD */
export function knownFailures(
  outcomes: readonly Outcome[],
  { since, link, expires }: { readonly since: string; readonly link: string; readonly expires: string },
): KnownFailures {
  const rows: Expectation[] = [];
  const left: Outcome[] = [];
  for (const outcome of outcomes) {
    if (outcome.status !== 'failed' && outcome.status !== 'errored') continue;
    const what = whatFails(outcome);
    const { case: id, backend } = outcome;
    if (what === null || [id, backend].some((name) => !isPattern(name))) {
      left.push(outcome);
      continue;
    }
    const [headline = ''] = outcome.reason.split(/\r?\n/);
    const reason = plainText(`known since ${since}: ${headline}`, 300);
    rows.push({ match: { case: id, backend }, condition: {}, ...what, reason, link, expires });
  }
  return { rows, left };
}

/** A file that `--expectations` reads, a row to a line. */
export function expectationsText({ rows }: KnownFailures): string {
  const lines = rows.map(({ match, check, code, reason, link, expires }) => {
    return `  ${JSON.stringify({ match, check, code, reason, link, expires })}`;
  });
  return `${heading}\n[${lines.length === 0 ? '' : `\n${lines.join(',\n')}\n`}]\n`;
}

const heading = [
  '// Known failures: a run that expects them does not fail. One that passes, or fails otherwise, is a finding.',
  '// Several rows may become one: "*" in "match" stands for any characters. Say in "reason" why each is known.',
].join('\n');

function whatFails(outcome: Outcome): Pick<Expectation, 'check'> | { readonly code: ErrorCode } | null {
  if (outcome.status === 'failed') return { check: outcome.check };
  if (outcome.status !== 'errored' || outcome.code === 'golden-damaged') return null;
  return isErrorCode(outcome.code) ? { code: outcome.code } : null;
}

/** As the schema of a row has it; `*` would match more than this one. */
function isPattern(name: string): boolean {
  return name.length > 0 && name.length <= 200 && !name.includes('*');
}
