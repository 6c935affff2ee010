import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TouchstoneError } from '@touchstone/contract';

/** The repository, or the installed package; this file is packages/cli/dist/options.js. */
export const repository = fileURLToPath(new URL('../../../', import.meta.url));

/** @param what needs a clone @throws TouchstoneError `unsupported` in an installed package */
export function requireClone(what: string): void {
  if (existsSync(join(repository, 'tools', 'setup'))) return;
  throw new TouchstoneError(
    'unsupported',
    `${what} works in a clone of Touchstone's repository only, and this is an installed package`,
    'Clone the repository, and run the command there.',
  );
}

/** For options that take several names: repeated, or separated by spaces or commas. A name given twice counts once. */
export function names(value: string, earlier: readonly string[] = []): string[] {
  const given = value
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  if (given.length === 0)
    throw new TouchstoneError('usage', `${quoted(value)} names nothing`, 'Give a name, or omit the option.');
  return [...new Set([...earlier, ...given])];
}

/** For one run of a case, in seconds. */
export const defaultDeadline = 120;

const maxSeconds = 86_400;

/** Parses a duration of at most a day. @param option its name, for the error */
export function seconds(option: string): (value: string) => number {
  return (value) => {
    const parsed = /^\d+(\.\d+)?$/.test(value) ? Number(value) : 0;
    if (parsed > 0 && parsed <= maxSeconds) return parsed;
    throw new TouchstoneError(
      'usage',
      `${option} ${quoted(value)}: must be a number of seconds, more than 0 and at most ${maxSeconds}`,
      `Give seconds, for example ${option} 900.`,
    );
  };
}

/** Parses a percentile, more than 0 and at most 100. @param option its name, for the error */
export function percent(option: string): (value: string) => number {
  return (value) => {
    const parsed = /^\d{1,3}(\.\d{1,6})?$/.test(value) ? Number(value) : 0;
    if (parsed > 0 && parsed <= 100) return parsed;
    throw new TouchstoneError(
      'usage',
      `${option} ${quoted(value)}: must be a number, more than 0 and at most 100`,
      `Give a percentile, for example ${option} 99.`,
    );
  };
}

/** The largest seed; a random one is drawn below it. */
export const maxSeed = 2 ** 31;

/** Parses 0, 1, 2, … `most`. @param option its name, for the error */
export function wholeNumber(option: string, most = 999_999_999): (value: string) => number {
  return (value) => {
    if (/^\d{1,10}$/.test(value) && Number(value) <= most) return Number(value);
    throw new TouchstoneError(
      'usage',
      `${option} ${quoted(value)}: must be a whole number`,
      `Give digits only, for example ${option} 10.`,
    );
  };
}

/** @throws TouchstoneError `usage` for 0 @param example a value, for the hint */
export function refuseZero(option: string, value: number | undefined, example: number): void {
  if (value === 0)
    throw new TouchstoneError('usage', `${option} 0: must be at least 1`, `Give ${option} ${example}, or omit it.`);
}

/** @param path of an example, as fast-check reports it @throws TouchstoneError `usage` */
export function checkPath(path: string): void {
  // Longer numbers would count for minutes.
  if (!/^\d{1,5}(:\d{1,5})*$/.test(path))
    throw new TouchstoneError('usage', `--path ${path}: must be numbers and colons`, 'Give it as the report says.');
}

function quoted(value: string): string {
  return JSON.stringify(value.slice(0, 40));
}

export function append(value: string, earlier: readonly string[] = []): string[] {
  return [...earlier, value];
}
