import { asJson, examples, goldenFolder, type CliCommand } from '../command.js';
import type { ReportOptions } from '../report.js';
import { withFormats } from './formats.js';

export function addReport(program: CliCommand): void {
  const command = program
    .command('report')
    .description('Show results again, and write them for other programs.')
    .argument('<files...>', 'results.ndjson of verify, or the folder with it; several are shown together');
  withFormats(command)
    .option('--html <folder>', 'write the results page')
    .addOption(asJson('print verdicts, counts and failures as JSON'))
    .option('--expectations-out <file>', 'write what fails now as known failures, for verify --expectations')
    .option('--link <url>', 'with --expectations-out: the issue that tracks the failures')
    .option('--expires <date>', 'with --expectations-out: the last day on which they count (default: in 90 days)')
    .addOption(goldenFolder())
    .needs('--expectations-out', '--link', 'says who follows known failures up')
    .needs('--link', '--expectations-out')
    .needs('--expires', '--expectations-out')
    .addHelpText(
      'after',
      examples([
        ['report results.ndjson', 'Print the table and the failures of an earlier run.'],
        ['report results --junit junit.xml --markdown --annotations', 'On GitHub: tests, summary and annotations.'],
        ['report wasm.ndjson webgl.ndjson --html compared', 'Compare two runs on one page.'],
        [
          'report results.ndjson --expectations-out expectations.jsonc --link https://example.org/issues/1',
          'Make what fails now the baseline of later runs.',
        ],
      ]) + '\n\nExit status: that of the results, as verify has it; of several files that of the worst.',
    )
    .action(async (files: string[], options: ReportOptions) =>
      (await import('../report.js')).runReport(files, options),
    );
}
