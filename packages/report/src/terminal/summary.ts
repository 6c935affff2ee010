import { counted, plainText, type Footer, type Header, type Outcome } from '@touchstone/contract';
import { duration } from '../figures.js';
import { listed } from '../text.js';
import { countsText, countStatuses, skipReasons, totals, unansweredOf, withoutUnavailable } from '../tallies.js';
import type { Colours } from './colours.js';
import { describeGroup, failureGroups, type About } from './failure-groups.js';
import { peakTable, tallyTable } from './table.js';

const MAX_FAILURES = 10;
const MAX_REASONS = 5;
const MAX_FINDINGS = 20;
const MAX_UNAVAILABLE = 20;

export interface Run extends About {
  readonly outcomes: readonly Outcome[];
  /** Unavailable backends. */
  readonly unavailable: Header['unavailable'];
  /** Absent if the run did not finish: then it is incomplete, even if every outcome passed. */
  readonly footer?: Footer | undefined;
  /** What ports did against the rules of ports; then there is no footer. */
  readonly faults?: readonly string[];
  /** Methods that were asked for by name, and of which nothing was judged. */
  readonly notJudged?: readonly string[];
  /** Rows of expectations.jsonc that the outcomes contradict. */
  readonly findings: readonly string[];
  /** Ids of cases whose peak memory is printed even when it is small. */
  readonly heavy?: ReadonlySet<string>;
  /** Columns of the terminal. */
  readonly width?: number | undefined;
}

/**
 * A run for a terminal: table, failures, unavailable backends, why cases were skipped, what used much memory, and a
 * last line with the counts.
 */
export function renderSummary(
  {
    outcomes,
    unavailable,
    footer,
    faults = [],
    notJudged = [],
    findings,
    why,
    heavy = new Set(),
    replay,
    width = Infinity,
  }: Run,
  colours: Colours,
): string {
  const ran = withoutUnavailable(outcomes, unavailable);
  const lines = ran.length > 0 ? tallyTable(ran, colours, width) : ['no case was run'];
  const groups = failureGroups(ran);
  for (const group of groups.slice(0, MAX_FAILURES)) lines.push('', ...describeGroup(group, { why, replay }, colours));
  const rest = groups.slice(MAX_FAILURES).flatMap(({ outcomes: hidden }) => hidden).length;
  if (rest > 0) lines.push('', `… and ${rest} more that failed or errored; all are in the results`);
  lines.push(...missing(outcomes, unavailable, colours), ...notes(ran, colours), ...peakTable(ran, heavy, colours));
  const told = [...faults, ...findings];
  const shown = told.slice(0, MAX_FINDINGS).map((text) => `${colours.red('✗')} ${plainText(text, 800)}`);
  const hidden = told.length - shown.length;
  if (told.length > 0)
    lines.push('', ...shown, ...(hidden > 0 ? [`… and ${hidden} more; all are in the results`] : []));
  if (footer && outcomes.every(({ status }) => status === 'skipped'))
    lines.push('', colours.red('nothing was judged, so this run does not count as passed'));
  else if (footer && notJudged.length > 0)
    lines.push(
      '',
      colours.red(`nothing was judged of ${plainText(listed(notJudged), 400)}, so this run does not count as passed`),
    );
  lines.push('', lastLine({ outcomes, footer, faults, notJudged, findings }, colours));
  return `${lines.join('\n')}\n`;
}

/** One line for each unavailable backend. */
function missing(outcomes: readonly Outcome[], unavailable: Header['unavailable'], colours: Colours): string[] {
  const counts = new Map(totals(outcomes).map((tally) => [tally.backend, tally.counts]));
  const lines = unavailable.slice(0, MAX_UNAVAILABLE).map(({ id, reason }) => {
    const { skipped = 0, errored = 0 } = counts.get(id) ?? {};
    const [mark, what] =
      errored > 0
        ? [colours.red('✗'), `is required, but unavailable (${errored} errored)`]
        : [colours.yellow('–'), `is unavailable (${skipped} skipped)`];
    return `${mark} ${plainText(id, 40)} ${what}: ${plainText(reason)}`;
  });
  const more = unavailable.length - lines.length;
  return lines.length === 0 ? [] : ['', ...lines, ...(more > 0 ? [`  … and ${counted(more, 'more backend')}`] : [])];
}

/** Why cases were skipped, and what is to be said of cases that passed. */
function notes(outcomes: readonly Outcome[], colours: Colours): string[] {
  const reasons = skipReasons(outcomes);
  if (reasons.length === 0) return [];
  const shown = reasons.slice(0, MAX_REASONS).map((text) => `${colours.yellow('–')} ${text}`);
  const more = reasons.length - shown.length;
  return ['', ...shown, ...(more > 0 ? [`  … and ${counted(more, 'more reason')}`] : [])];
}

function lastLine(
  {
    outcomes,
    footer,
    faults,
    notJudged,
    findings,
  }: Pick<Required<Run>, 'outcomes' | 'faults' | 'notJudged' | 'findings'> & Pick<Run, 'footer'>,
  colours: Colours,
): string {
  const counts = countsText(outcomes);
  if (!footer)
    return colours.red(
      `incomplete: ${counts} ${faults.length > 0 ? 'from a port that broke the rules' : 'before it ended'}`,
    );
  const text = `${counts} in ${duration(footer.milliseconds)}`;
  const { passed, failed, errored } = countStatuses(outcomes);
  if (failed + errored + findings.length + notJudged.length > 0 || passed === 0) return colours.red(text);
  return unansweredOf(outcomes) > 0 ? colours.yellow(text) : colours.green(text);
}
