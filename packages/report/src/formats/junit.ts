import { plainText, withoutControls, type Outcome } from '@touchstone/contract';
import { coloursFor } from '../terminal/colours.js';
import { describeOutcome } from '../terminal/failure.js';
import { countStatuses } from '../tallies.js';
import { provenanceOf, type ShownRun } from './shown-run.js';

const plain = coloursFor({}, { NO_COLOR: '1' });

/**
 * The JUnit XML that Jenkins, GitLab and the test reporters of GitHub read, valid against the schema of Jenkins's xUnit
 * plugin: a suite for each method on each backend, a test case for each outcome. What is wrong with a run as a whole,
 * such as its missing end, is an error of its own suite.
 */
export function renderJUnit(runs: readonly ShownRun[]): string {
  const suites = runs.flatMap(suitesOf);
  const total = (count: (suite: Suite) => number): number => suites.reduce((sum, suite) => sum + count(suite), 0);
  const attributes = {
    name: 'touchstone',
    tests: total(({ cases }) => cases.length),
    failures: total(({ failures }) => failures),
    errors: total(({ errors }) => errors),
    time: secondsOf(total(({ milliseconds }) => milliseconds)),
  };
  const lines = suites.flatMap(suiteLines);
  return `${[declaration, open('testsuites', attributes), ...lines, '</testsuites>'].join('\n')}\n`;
}

const declaration = '<?xml version="1.0" encoding="UTF-8"?>';

interface Suite {
  readonly name: string;
  readonly failures: number;
  readonly errors: number;
  readonly skipped: number;
  readonly milliseconds: number;
  readonly timestamp: string | undefined;
  readonly properties: ReadonlyMap<string, string>;
  /** Each in XML. */
  readonly cases: readonly string[];
}

function suitesOf(run: ShownRun): Suite[] {
  const { header, outcomes } = run.results;
  const shared = { timestamp: timestampOf(header.started) };
  const prefix = run.label === null ? '' : `${plainText(run.label, 200)}: `;
  const groups = new Map<string, Outcome[]>();
  for (const outcome of outcomes) {
    const key = JSON.stringify([outcome.method, outcome.backend]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [outcome]);
    else group.push(outcome);
  }
  const suites = [...groups.values()].map((group): Suite => {
    const [{ method, backend }] = group as [Outcome];
    const { failed, errored, skipped } = countStatuses(group);
    return Object.assign({}, shared, {
      name: `${prefix}${plainText(method, 200)} on ${plainText(backend, 100)}`,
      failures: failed,
      errors: errored,
      skipped,
      milliseconds: group.reduce((sum, outcome) => sum + millisecondsOf(outcome), 0),
      properties: propertiesOf(run, backend),
      cases: group.map((outcome) => caseOf(outcome, run, prefix)),
    });
  });
  return suites.concat(ofTheRun(run, prefix, shared.timestamp));
}

/** What is wrong with the run as a whole. */
function ofTheRun({ results: { header }, verdict }: ShownRun, prefix: string, timestamp: string | undefined): Suite[] {
  if (verdict.reasons.length === 0) return [];
  const isFinding = verdict.kind === 'failed';
  const cases = verdict.reasons.map((reason) => {
    const said = { message: plainText(reason, 400), type: verdict.kind };
    const what = element(isFinding ? 'failure' : 'error', said, reason);
    return element('testcase', { name: plainText(reason, 200), classname: 'touchstone.run' }, what, true);
  });
  const [failures, errors] = isFinding ? [cases.length, 0] : [0, cases.length];
  const properties = provenanceOf(header);
  const name = `${prefix}the run`;
  return [{ name, failures, errors, skipped: 0, milliseconds: 0, timestamp, properties, cases }];
}

function propertiesOf({ results: { header } }: ShownRun, backend: string): ReadonlyMap<string, string> {
  const properties = new Map(provenanceOf(header)).set('backend', plainText(backend, 100));
  const engine = header.backends.find(({ id }) => id === backend);
  if (engine === undefined) return properties;
  return properties.set('device', plainText(engine.device, 200)).set('precision', plainText(engine.precision, 40));
}

function caseOf(outcome: Outcome, run: ShownRun, prefix: string): string {
  const attributes = {
    name: plainText(outcome.case, 300),
    classname: `${prefix}${plainText(outcome.backend, 100)}.${plainText(outcome.method, 200)}`,
    ...('milliseconds' in outcome && { time: secondsOf(millisecondsOf(outcome)) }),
  };
  const what = resultOf(outcome, run);
  return what === null ? element('testcase', attributes) : element('testcase', attributes, what, true);
}

/** null: it passed. */
function resultOf(outcome: Outcome, { why, replay }: ShownRun): string | null {
  if (outcome.status === 'passed') return null;
  const [headline = ''] = outcome.reason.split(/\r?\n/);
  const message = plainText(headline, 400);
  if (outcome.status === 'skipped') return element('skipped', { message });
  const text = describeOutcome(outcome, why.get(outcome.case), replay(outcome), plain).join('\n');
  return outcome.status === 'failed'
    ? element('failure', { message, type: outcome.check }, text)
    : element('error', { message, type: plainText(outcome.code, 40) }, text);
}

function suiteLines(suite: Suite): string[] {
  const { name, cases, failures, errors, skipped, milliseconds, timestamp, properties } = suite;
  const attributes = { name, tests: cases.length, failures, errors, skipped, time: secondsOf(milliseconds), timestamp };
  const shown = [...properties].map(([key, value]) => element('property', { name: key, value }));
  return [open('testsuite', attributes), '<properties>', ...shown, '</properties>', ...cases, '</testsuite>'];
}

type Attributes = Readonly<Record<string, string | number | undefined>>;

/** @param isMarkup the content is XML already */
function element(name: string, attributes: Attributes, content = '', isMarkup = false): string {
  const start = open(name, attributes);
  if (content === '') return `${start.slice(0, -1)}/>`;
  return `${start}${isMarkup ? content : xmlText(content)}</${name}>`;
}

function open(name: string, attributes: Attributes): string {
  const given = Object.entries(attributes).filter(([, value]) => value !== undefined);
  return `<${[name, ...given.map(([key, value]) => `${key}="${xmlText(String(value))}"`)].join(' ')}>`;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text for an element or an attribute of XML 1.0, which has no control characters and no lone surrogates. */
function xmlText(text: string): string {
  return withoutControls(text).replace(/[&<>"']/g, (character) => entities[character]!);
}

function millisecondsOf(outcome: Outcome): number {
  return outcome.status === 'passed' || outcome.status === 'failed' ? Math.max(0, outcome.milliseconds ?? 0) : 0;
}

/** A larger number is written with an exponent, which the schema refuses. */
const maxSeconds = 1e12;

function secondsOf(milliseconds: number): string {
  return Math.min(milliseconds / 1000, maxSeconds).toFixed(3);
}

/** UTC, without a zone and fractions, as the schema has it; undefined: not a time of years 0 to 9999. */
function timestampOf(started: string): string | undefined {
  const time = Date.parse(started);
  const text = Number.isNaN(time) ? '' : new Date(time).toISOString();
  return /^\d{4}-/.test(text) ? text.slice(0, 19) : undefined;
}
