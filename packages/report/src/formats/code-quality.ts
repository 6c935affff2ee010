import { plainText, type Errored, type Failed, type Outcome } from '@touchstone/contract';
import { sha256 } from '@touchstone/system';
import type { ShownRun } from './shown-run.js';

/** Lines of a reason, from the first. */
const MAX_LINES = 3;

/** One entry of GitLab's code quality report: the part of Code Climate's format that GitLab reads. */
export interface CodeQualityIssue {
  readonly check_name: string;
  readonly description: string;
  /** The same in every run that finds the same fault, so that GitLab tells new ones from old ones. */
  readonly fingerprint: string;
  readonly severity: 'major' | 'critical' | 'blocker';
  readonly location: { readonly path: string; readonly lines: { readonly begin: number } };
}

export function codeQualityOf(runs: readonly ShownRun[]): CodeQualityIssue[] {
  const issues = new Map<string, CodeQualityIssue>();
  for (const issue of runs.flatMap(issuesOf)) if (!issues.has(issue.fingerprint)) issues.set(issue.fingerprint, issue);
  return [...issues.values()];
}

function issuesOf(run: ShownRun): CodeQualityIssue[] {
  const { header, outcomes } = run.results;
  const { name } = header.port;
  const ofRun = run.verdict.reasons.map((reason): CodeQualityIssue => {
    const path = run.label ?? 'results.ndjson';
    const check = `touchstone/${run.verdict.kind}`;
    return issue(reason, check, 'blocker', { path, line: 1 }, [name, check, reason]);
  });
  const bad = outcomes.filter((one): one is Failed | Errored => one.status === 'failed' || one.status === 'errored');
  return ofRun.concat(bad.map((outcome) => ofOutcome(outcome, run, name)));
}

function ofOutcome(outcome: Failed | Errored, run: ShownRun, port: string): CodeQualityIssue {
  const lines = outcome.reason.split(/\r?\n/).slice(0, MAX_LINES);
  const [what, severity] = severityOf(outcome);
  const cause = outcome.status === 'failed' && outcome.cause ? `; ${causeOf(outcome.cause)}` : '';
  const text = `${outcome.case} on ${outcome.backend}: ${lines.join('; ')}${cause}`;
  const place = run.placeOf(outcome);
  // GitLab shows an entry whose path is not in the repository as well.
  const at = { path: place?.file ?? outcome.case, line: place?.line ?? 1 };
  return issue(text, `touchstone/${what}`, severity, at, [port, outcome.case, outcome.backend, what]);
}

function causeOf({ fault, certain }: NonNullable<Failed['cause']>): string {
  return `${certain ? 'likely cause' : 'could be'}: ${fault}`;
}

function severityOf(outcome: Outcome): [what: string, severity: CodeQualityIssue['severity']] {
  if (outcome.status !== 'errored') return [outcome.status === 'failed' ? outcome.check : outcome.status, 'major'];
  return [outcome.code, outcome.code === 'golden-damaged' ? 'blocker' : 'critical'];
}

function issue(
  description: string,
  check: string,
  severity: CodeQualityIssue['severity'],
  { path, line }: { readonly path: string; readonly line: number },
  identity: readonly string[],
): CodeQualityIssue {
  return {
    check_name: plainText(check, 100),
    description: plainText(description, 1000),
    fingerprint: sha256(JSON.stringify(identity)),
    severity,
    location: { path: plainText(path, 300), lines: { begin: line } },
  };
}
