/** The options of the formats that `verify`, `merge` and `report` have in common. */
import { TouchstoneError, type SkipLimit } from '@touchstone/contract';
import type { CliCommand } from '../command.js';

export const formatOptions = ['--junit', '--markdown', '--annotations', '--gitlab', '--badge', '--max-skipped'];

export function withFormats(command: CliCommand): CliCommand {
  return command
    .option('--junit <file>', 'write JUnit XML, for the test reports of Jenkins, GitLab and GitHub')
    .option('--markdown [file]', 'write a summary in Markdown (default: the summary of the step on GitHub)')
    .option('--annotations', 'print the worst failures as annotations of GitHub')
    .option('--gitlab <file>', "write GitLab's code quality JSON")
    .option('--badge <file>', 'write the JSON of a badge of shields.io')
    .option(
      '--max-skipped <n|p%>',
      'cases that may be skipped or not answered, of all shards together; more are not conformant',
      skipLimit,
    );
}

/** What `merge` and `report` make of failures. */
export function withBaseline(command: CliCommand): CliCommand {
  return command
    .option('--expectations-out <file>', 'write what fails now as known failures, for verify --expectations')
    .option('--link <url>', 'with --expectations-out: the issue that tracks the failures')
    .option('--expires <date>', 'with --expectations-out: the last day on which they count (default: in 90 days)')
    .needs('--expectations-out', '--link', 'says who follows known failures up')
    .needs('--link', '--expectations-out')
    .needs('--expires', '--expectations-out');
}

/** Parses `12` or `5%`. @throws TouchstoneError `usage` */
export function skipLimit(value: string): SkipLimit {
  const match = /^(\d{1,9}|\d{1,3}(?:\.\d{1,6})?(?=%))(%?)$/.exec(value);
  const count = match === null ? NaN : Number(match[1]);
  if (match !== null && (match[2] === '' || count <= 100)) return { count, unit: match[2] === '' ? 'cases' : '%' };
  throw new TouchstoneError(
    'usage',
    `--max-skipped ${JSON.stringify(value.slice(0, 40))}: must be a whole number, or a percentage up to 100%`,
    'Give for example --max-skipped 12 or --max-skipped 5%.',
  );
}
