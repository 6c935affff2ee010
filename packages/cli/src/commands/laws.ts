import { examples, type CliCommand } from '../command.js';
import type { LawsOptions } from '../laws.js';
import { maxSeed, names, wholeNumber } from '../options.js';

export function addLaws(program: CliCommand): void {
  program
    .command('laws')
    .description('Test what must hold for every network and image, on our backends or of a port.')
    .option(
      '--backend <ids...>',
      'backends to test (default: all that run without a software renderer; with --port none)',
      names,
    )
    .option('--port <port>', 'test a port: a JavaScript module, or a command such as "cmd:python my_port.py"')
    .option('--law <ids...>', 'laws to test, such as L12 (default: all)', names)
    .option('--runs <n>', 'number of random examples per law', wholeNumber('--runs'), 60)
    .option('--seed <n>', 'seed of the examples (default: a new one each time)', wholeNumber('--seed', maxSeed))
    .option('--path <path>', 'with --law and --seed: test only the example at this path, as reported')
    .option('--json <file>', 'write the results as JSON; - for stdout, in place of the table')
    .addHelpText(
      'after',
      examples([
        ['laws --backend cpu --runs 500', 'Test every law on 500 new examples.'],
        ['laws --port ./my-port.mjs', 'Test every law that needs only the answers of a port.'],
        ['laws --backend cpu --law L12 --seed 42 --path 7:1:0', 'Replay one example of a report.'],
      ]),
    )
    .action(async (options: LawsOptions) => (await import('../laws.js')).runLaws(options));
}
