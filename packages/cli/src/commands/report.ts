import { asJson, examples, goldenFolder, type CliCommand } from '../command.js';
import type { ReportOptions } from '../report.js';
import { withBaseline, withFormats } from './formats.js';

export function addReport(program: CliCommand): void {
  const command = program
    .command('report')
    .description('Show results again, and write them for other programs.')
    .argument('<files...>', 'results.ndjson of verify, or the folder with it; several are shown together');
  withBaseline(
    withFormats(command)
      .option('--html <folder>', 'write the results page')
      .addOption(asJson('print verdicts, counts and failures as JSON')),
  )
    .addOption(goldenFolder())
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
