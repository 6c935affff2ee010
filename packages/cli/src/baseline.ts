/** What fails now as known failures, for `verify --expectations`. */
import { existsSync } from 'node:fs';
import { counted, TouchstoneError, type Outcome } from '@touchstone/contract';
import { expectationsText, knownFailures } from '@touchstone/harness';
import { checkWritable, writeWhole } from '@touchstone/system';
import { note } from './output.js';

export interface BaselineOptions {
  readonly expectationsOut?: string;
  readonly link?: string;
  /** YYYY-MM-DD */
  readonly expires?: string;
}

const days = 86_400_000;
const baselineDays = 90;

/**
 * What writes it; null: it is not asked for.
 * @throws TouchstoneError `usage`, or `bad-input` for a file that is there: it may be edited by hand
 */
export function baselineOf(options: BaselineOptions): ((outcomes: readonly Outcome[]) => void) | null {
  const { expectationsOut: file, link, expires } = options;
  if (file === undefined) return null;
  checkWritable(file);
  if (existsSync(file))
    throw new TouchstoneError('bad-input', `${file} exists`, 'Give another file, and move its rows over.');
  if (!URL.canParse(link!)) throw new TouchstoneError('usage', `--link ${link!} is not a URL`, 'Give https://….');
  const last = expires ?? new Date(Date.now() + baselineDays * days).toISOString().slice(0, 10);
  if (!/^\d{4}-\d\d-\d\d$/.test(last) || Number.isNaN(Date.parse(last)))
    throw new TouchstoneError('usage', `--expires ${last} is not a day`, 'Give it as YYYY-MM-DD.');
  return (outcomes) => {
    const since = new Date().toISOString().slice(0, 10);
    const found = knownFailures(outcomes, { since, link: link!, expires: last });
    writeWhole(file, expectationsText(found));
    note(`${counted(found.rows.length, 'known failure')} until ${last} in ${file}: give it to verify --expectations`);
    if (found.left.length > 0)
      note(`${counted(found.left.length, 'failure')} cannot be expected: a damaged golden, or an unknown code`);
  };
}
