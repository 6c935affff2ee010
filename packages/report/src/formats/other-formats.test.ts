import fc from 'fast-check';
import type { Failed } from '@touchstone/contract';
import { describe, expect, it } from 'vitest';
import {
  damaged,
  errored,
  failed,
  failedWith,
  footerOf,
  hostileRuns,
  known,
  passed,
  runOf,
  skipped,
  unanswered,
} from '../testing/runs.js';
import { renderAnnotations } from './annotations.js';
import { badgeOf } from './badge.js';
import { codeQualityOf } from './code-quality.js';
import { worstVerdict } from './shown-run.js';

/** As actions/runner reads a line of the log. */
function readBack(line: string): Record<string, string> {
  const [, properties, data] = /^::error ([^:]*)::(.*)$/s.exec(line)!;
  const decode = (text: string): string =>
    text.replaceAll(/%(0D|0A|3A|2C|25)/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  const pairs = properties!.split(',').map((pair) => [pair.split('=')[0]!, decode(pair.slice(pair.indexOf('=') + 1))]);
  return { ...(Object.fromEntries(pairs) as Record<string, string>), data: decode(data!) };
}

describe('annotations', () => {
  it('any text is one line for each, at most ten, and reads back', () => {
    fc.assert(
      fc.property(hostileRuns, (runs) => {
        const lines = renderAnnotations(runs);
        expect(lines.length).toBeLessThanOrEqual(10);
        for (const line of lines) {
          expect(line).toMatch(/^::error [^\r\n]*$/);
          const { title, file, data } = readBack(line);
          expect([typeof title, typeof data]).toEqual(['string', 'string']);
          if (file !== undefined) expect(runs.map((run) => run.placeOf(passed)!.file)).toContain(file);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('the worst first; the last says how many more there are', () => {
    const outcomes = Array.from({ length: 14 }, (_, i) => failedWith({ case: `c${i}`, ratio: i + 2 }));
    const lines = renderAnnotations([runOf([passed, ...outcomes])]).map(readBack);
    expect(lines).toHaveLength(10);
    expect(lines[0]).toMatchObject({ title: 'c13 on wasm failed' });
    expect(lines[0]!['data']).toMatch(/^✗ c13 on wasm: differs\n {4}5 of 32 values\n/);
    expect(lines[9]).toEqual({ title: 'Touchstone', data: '5 more annotations; the results have all' });
  });

  it('what is wrong with the run, and where the case is', () => {
    const placeOf = () => ({ file: 'a,b:c.mjs', line: 7 });
    const [run, failure] = renderAnnotations([runOf([failed], { footer: null, placeOf })]);
    expect(run).toMatch(/^::error title=Touchstone::the run is incomplete/);
    expect(failure).toMatch(/^::error file=a%2Cb%3Ac\.mjs,line=7,title=cam\/n\/y on wasm failed::✗/);
  });

  it('none where all is fine', () => expect(renderAnnotations([runOf([passed, skipped])])).toEqual([]));
});

const withFinding = { footer: footerOf([passed], { findings: ['x'] }) };

describe('badge', () => {
  it.each([
    ['all right', [runOf([passed, skipped])], '1 right', 'brightgreen'],
    ['not all answered', [runOf([passed, unanswered])], '1 right, 1 not answered', 'yellow'],
    ['known failures', [runOf([passed, known, known])], '1 right, 2 known wrong', 'yellow'],
    ['known and unanswered', [runOf([passed, known, unanswered])], '1 right, 1 known wrong, 1 not answered', 'yellow'],
    ['a failure', [runOf([passed, failed])], '1 of 2 wrong', 'red'],
    ['a finding', [runOf([passed], withFinding)], 'not conformant', 'red'],
    ['incomplete, all passed', [runOf([passed], { footer: null })], 'incomplete', 'red'],
    ['nothing judged', [runOf([skipped])], 'nothing judged', 'red'],
    ['a damaged golden', [runOf([passed, damaged])], 'a golden is damaged', 'red'],
    ['the second of two incomplete', [runOf([passed]), runOf([passed], { footer: null })], 'incomplete', 'red'],
    ['none', [], 'nothing judged', 'red'],
  ] as const)('%s', (_, runs, message, color) => {
    const badge = badgeOf(runs);
    expect(badge).toMatchObject({ schemaVersion: 1, label: 'explanations', message, color });
    expect(badge.isError === true).toBe(color === 'red');
  });
});

it.each([
  [[runOf([passed]), runOf([errored])], 4],
  [[runOf([errored]), runOf([failed])], 1],
  [[runOf([failed]), runOf([damaged]), runOf([passed], { footer: null })], 5],
  [[runOf([errored]), runOf([passed, failed], { footer: null })], 1],
  [[runOf([passed]), runOf([passed])], 0],
] as const)('the verdict of several runs is that of the worst', (runs, status) =>
  expect(worstVerdict(runs).exitStatus).toBe(status),
);

describe('code quality', () => {
  it('any text: the fields that GitLab requires, clean, and no fingerprint twice', () => {
    fc.assert(
      fc.property(hostileRuns, (runs) => {
        const issues = codeQualityOf(runs);
        for (const { description, check_name, location } of issues)
          for (const text of [description, check_name, location.path]) expect(text).not.toMatch(/\p{C}/u);
        const fingerprints = issues.map(({ fingerprint }) => fingerprint);
        expect(new Set(fingerprints).size).toBe(fingerprints.length);
      }),
      { numRuns: 50 },
    );
  });

  it('the fingerprint is the same in another run, whatever the numbers', () => {
    const of = (more: Partial<Failed>) => codeQualityOf([runOf([failedWith(more)])])[0]!;
    const one = of({});
    expect(one).toMatchObject({
      description: 'cam/n/y on wasm: differs; 5 of 32 values',
      check_name: 'touchstone/e2',
      severity: 'major',
      location: { path: 'cam/n/y', lines: { begin: 1 } },
    });
    expect(of({ ratio: 41, reason: 'differs more' }).fingerprint).toBe(one.fingerprint);
    expect(of({ check: 'shape' }).fingerprint).not.toBe(one.fingerprint);
    expect(of({ case: 'cam/n/q' }).fingerprint).not.toBe(one.fingerprint);
  });

  it.each([
    [runOf([passed]), []],
    [runOf([errored]), ['critical']],
    [runOf([damaged]), ['blocker']],
    [runOf([passed], { footer: null }), ['blocker']],
    [runOf([passed], withFinding), ['blocker']],
  ] as const)('the severities', (run, severities) =>
    expect(codeQualityOf([run]).map(({ severity }) => severity)).toEqual(severities),
  );
});
