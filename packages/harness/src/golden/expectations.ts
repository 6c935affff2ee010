import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { Check, isErrorCode, parseJson, type CaseRow, type ErrorCode, type Outcome } from '@touchstone/contract';
import { readText } from '@touchstone/system';
import { withoutComments } from './jsonc.js';
import { glob } from '../run/selection.js';

const Pattern = z.string().min(1).max(200);

/** A known failure: one row of expectations.jsonc. */
export const Expectation = z
  .strictObject({
    /** All given fields must match; `*` matches any characters. */
    match: z
      .strictObject({
        case: Pattern.optional(),
        method: Pattern.optional(),
        network: Pattern.optional(),
        backend: Pattern.optional(),
      })
      .refine((match) => Object.keys(match).length > 0, 'names nothing'),
    /** Where the failure happens; undefined: everywhere. */
    condition: z.strictObject({ platform: Pattern.optional(), device: Pattern.optional() }).default({}),
    /** The check that fails, or the code of the error. */
    check: Check.optional(),
    code: z.string().refine(isErrorCode, 'no such error code').optional(),
    reason: z.string().min(10),
    link: z.url(),
    /** The last day on which the row counts, UTC. */
    expires: z.iso.date(),
  })
  .refine((row) => (row.check === undefined) !== (row.code === undefined), 'needs either "check" or "code"');
export type Expectation = z.infer<typeof Expectation>;

/** Where an outcome was found. */
interface Place {
  readonly device: string;
  readonly platform: string;
  /** A port that is not ours: of golden/, only rows that name it apply, without `*`. */
  readonly isForeign?: boolean;
}

/** Rows, and where they come from. */
export interface ExpectationFile {
  /** How findings name it. */
  readonly name: string;
  readonly rows: readonly Expectation[];
  /** The rows are of one port, so they need not name it. */
  readonly isOfPort: boolean;
}

/** Of a row that no longer holds. */
const remedy = 'delete the row';

/** The known failures. `apply` turns an expected one into a skip; `findings` says which rows no longer hold. */
export class Expectations {
  readonly #file: ExpectationFile;
  readonly #rows: readonly Expectation[];
  readonly #findings: string[] = [];

  /**
   * `today` is YYYY-MM-DD. A row that matches none of `cases` on any of `backends`, or has expired, is a finding.
   * `cases` null: a row may be of a case that is not there, such as a golden case next to images of the user's own.
   */
  constructor(file: ExpectationFile, cases: readonly CaseRow[] | null, backends: readonly string[], today: string) {
    const { name, rows } = file;
    this.#file = file;
    for (const [index, row] of rows.entries()) {
      const mayMatch = cases === null || cases.some((known) =>
        backends.some((backend) =>
          matches(row, { case: known.id, method: known.method, network: known.network, backend }),
        ),
      );
      if (!mayMatch)
        this.#findings.push(`${name}, row ${index + 1} matches no case: ${JSON.stringify(row.match)}; ${remedy}`);
      if (row.expires < today)
        this.#findings.push(`${name}, row ${index + 1} has expired on ${row.expires}: ${row.reason}`);
    }
    this.#rows = rows.filter((row) => row.expires >= today);
  }

  get findings(): readonly string[] {
    return this.#findings;
  }

  apply(outcome: Outcome, place: Place): Outcome {
    if (outcome.status === 'skipped' || isDamaged(outcome)) return outcome;
    const here = this.#placeFor(place);
    const rows = this.#rows.filter((row) => matches(row, outcome) && holds(row, here, outcome.backend));
    if (rows.length === 0) return outcome;
    const causes = causesOf(outcome);
    const met = rows.find((row) => causes.includes(row.check ?? row.code ?? ''));
    if (met !== undefined) {
      const { kind, case: id, method, network, backend } = outcome;
      const reason = `expected: ${met.reason}`;
      return { kind, case: id, method, network, backend, status: 'skipped', reason, expected: true };
    }
    const wanted = rows.map((row) => row.check ?? row.code).join(' or ');
    const instead = outcome.status === 'passed' ? 'passed' : `${outcome.status} with ${causes[0]}`;
    const what = `${outcome.case} on ${outcome.backend} ${instead}; ${this.#file.name} expects ${wanted}`;
    this.#findings.push(outcome.status === 'passed' ? `${what}; ${remedy}` : what);
    return outcome;
  }

  #placeFor(place: Place): Place {
    return this.#file.isOfPort ? { ...place, isForeign: false } : place;
  }
}

/** `expectations.jsonc` in golden/; no file: nothing is expected to fail. Errors are `golden-damaged`. */
export function readExpectations(goldenRoot: string): ExpectationFile {
  const path = join(goldenRoot, 'expectations.jsonc');
  const rows = existsSync(path) ? parseExpectations(readText(path, 'golden-damaged')) : [];
  return { name: 'expectations.jsonc', rows, isOfPort: false };
}

/** The known failures of a port that is not ours. Errors are `bad-input`. */
export function readPortExpectations(path: string): ExpectationFile {
  return { name: path, rows: parseExpectations(readText(path, 'bad-input'), path, 'bad-input'), isOfPort: true };
}

export function parseExpectations(
  text: string,
  label = 'golden/expectations.jsonc',
  code: ErrorCode = 'golden-damaged',
): Expectation[] {
  return parseJson(withoutComments(text), z.array(Expectation), label, code);
}

/** The check or the error code of an outcome. */
function causesOf(outcome: Outcome): string[] {
  if (outcome.status === 'failed') return [outcome.check];
  if (outcome.status !== 'errored') return [];
  return outcome.check === undefined ? [outcome.code] : [outcome.check, outcome.code];
}

function isDamaged(outcome: Outcome): boolean {
  return outcome.status === 'errored' && outcome.code === 'golden-damaged';
}

type Matched = Pick<Outcome, 'case' | 'method' | 'network' | 'backend'>;

function matches({ match }: Expectation, outcome: Matched): boolean {
  return (Object.keys(match) as (keyof Matched)[]).every((key) => glob(match[key] ?? '*')(outcome[key]));
}

function holds({ condition, match }: Expectation, { platform, device, isForeign }: Place, backend: string): boolean {
  if (isForeign && match.backend !== backend) return false;
  return glob(condition.platform ?? '*')(platform) && glob(condition.device ?? '*')(device);
}
