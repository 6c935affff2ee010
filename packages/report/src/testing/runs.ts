/** Runs for the tests of the formats. */
import type { Failed, Footer, Header, Outcome } from '@touchstone/contract';
import fc from 'fast-check';
import { countStatuses } from '../tallies.js';
import { shownRun, type ShownRun } from '../formats/shown-run.js';

const header: Header = {
  kind: 'header',
  version: 2,
  touchstone: '1.2.3',
  started: '2026-11-28T10:00:00.123Z',
  golden: 'a'.repeat(64),
  port: { name: 'my port', version: '7' },
  backends: [{ id: 'wasm', device: 'a device', precision: 'float32', softwareRenderer: false }],
  unavailable: [],
  machine: 'a machine',
};
const subject = { kind: 'outcome', case: 'cam/n/x', method: 'cam', network: 'n', backend: 'wasm' } as const;
const numbers = { e2: 1, eMax: 1, allowed: 1, allowedMax: 1 };

export const passed: Outcome = Object.assign(
  { status: 'passed', stage: 'attribution', reason: null, milliseconds: 1234, ratio: 0.5 } as const,
  subject,
  numbers,
);
export const failed: Failed = Object.assign(
  { status: 'failed', check: 'e2', stage: 'weights', reason: 'differs\n5 of 32 values', ratio: 40 } as const,
  subject,
  numbers,
  { case: 'cam/n/y' },
);
export const failedWith = (more: Partial<Failed>): Failed => Object.assign({}, failed, more) as Failed;
export const errored: Outcome = { ...subject, status: 'errored', code: 'timeout', reason: 'too slow', case: 'cam/n/z' };
export const damaged: Outcome = { ...subject, status: 'errored', code: 'golden-damaged', reason: 'checksum mismatch' };
export const skipped: Outcome = { ...subject, status: 'skipped', reason: 'too large', case: 'cam/n/s' };
export const known: Outcome = { ...subject, status: 'skipped', reason: 'expected: known since long', expected: true };
export const unanswered: Outcome = { ...subject, status: 'skipped', reason: 'not answered', unanswered: true };

export function footerOf(outcomes: readonly Outcome[], more: Partial<Footer> = {}): Footer {
  return Object.assign({ kind: 'footer', worst: {}, milliseconds: 4100 } as const, countStatuses(outcomes), more);
}

interface Rest extends Partial<Omit<ShownRun, 'results' | 'verdict'>> {
  /** null: there is none. */
  readonly footer?: Footer | null;
  readonly header?: Partial<Header>;
}

/** A whole run, unless `footer` is null. */
export function runOf(outcomes: readonly Outcome[], { footer, header: other, ...rest }: Rest = {}): ShownRun {
  const end = footer === undefined ? footerOf(outcomes) : footer;
  return shownRun(
    { header: { ...header, ...other }, outcomes, footer: end },
    {
      label: null,
      why: new Map(),
      replay: ({ case: id }) => `npx touchstone explain ${id}`,
      placeOf: () => null,
      findings: [],
      ...rest,
    },
  );
}

const nasty = [
  ']]>',
  '<script>alert(1)</script>',
  '@someone and #123 and a@b.cd and https://example.org www.example.org :smile:',
  '| a | b |\n|---|---|',
  '```\n# heading\n```',
  '</code></pre></details><img src=x onerror=alert(1)>',
  '`a` **b** __c__ [d](e) ![f](g) <!-- h -->',
  '&#64; &lt; %0A::error::x',
  '\n::error title=x::y\r::add-mask::z',
  '\u0000\u0008\u001b[2J\ud800 \udfff\ufffe\u202e\u2028\u2029',
  '',
];
/** Text that no tool should be trusted with: control characters, lone surrogates, markup of every format. */
export const hostile: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...nasty),
  fc.string({ unit: 'binary' }),
  fc.array(fc.nat(0xffff)).map((units) => String.fromCharCode(...units)),
  fc.array(fc.constantFrom(...nasty), { maxLength: 4 }).map((parts) => parts.join('')),
);

const cause = fc.record({
  fault: hostile,
  mutants: fc.array(hostile, { maxLength: 2 }),
  certain: fc.boolean(),
  remedy: fc.option(hostile),
  alternatives: fc.array(fc.record({ fault: hostile, mutants: fc.array(hostile), remedy: hostile }), { maxLength: 2 }),
});

const outcome = fc.oneof(
  fc.constant(passed),
  fc
    .record({ reason: hostile, check: fc.constantFrom('e2', 'shape'), cause: fc.option(cause, { nil: undefined }) })
    .map((more) => Object.assign({}, failed, more)),
  fc.record({ reason: hostile, code: hostile }).map((more) => Object.assign({}, errored, more)),
  fc.record({ reason: hostile }).map((more) => Object.assign({}, skipped, more)),
) as fc.Arbitrary<Outcome>;
const named = fc.record({ case: hostile, method: hostile, backend: hostile, stage: hostile });

/** Runs of which every text is hostile. */
export const hostileRuns: fc.Arbitrary<ShownRun[]> = fc.array(
  fc
    .record({
      outcomes: fc.array(fc.tuple(outcome, named).map(([one, names]) => Object.assign({}, one, names))),
      isWhole: fc.boolean(),
      label: fc.option(hostile),
      why: hostile,
      text: hostile,
      findings: fc.array(hostile, { maxLength: 3 }),
      notJudged: fc.array(hostile, { maxLength: 3 }),
    })
    .map(({ outcomes, isWhole, label, why, text, findings, notJudged }) =>
      runOf(outcomes, {
        footer: isWhole ? footerOf(outcomes, { findings, notJudged }) : null,
        header: {
          started: text,
          machine: text,
          port: { name: text, version: text },
          unavailable: [{ id: text, reason: text }],
        },
        label,
        why: new Map(outcomes.map((one) => [one.case, why])),
        replay: () => text,
        placeOf: () => ({ file: text, line: 3 }),
      }),
    ),
  { minLength: 1, maxLength: 3 },
);
