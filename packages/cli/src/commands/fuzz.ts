import { Argument } from 'commander';
import { asJson, examples, goldenFolder, type CliCommand } from '../command.js';
import type { FuzzOptions } from '../fuzz.js';

export function addFuzz(program: CliCommand): void {
  program
    .command('fuzz')
    .description('Compare random hook programs with a live PyTorch.')
    .addArgument(new Argument('<what>', 'kind of program').choices(['hooks']))
    .option('--runs <n>', 'number of programs', '1000')
    .option('--seed <n>', 'seed of the programs (default: a new one each time)')
    .option('--path <path>', 'with --seed: run only the program at this path, as reported')
    .option('--python <path>', 'a Python with PyTorch (default: TOUCHSTONE_PYTHON, else python3)')
    .option('--freeze <name>', 'keep a disagreement as the case hooks/NAME of golden/')
    .option('--corpus <n>', 'write n programs to keep instead; needs --seed and --out')
    .option('--out <folder>', 'folder for --corpus')
    .addOption(asJson())
    .addOption(goldenFolder())
    .mode('--corpus', ['--seed', '--out', '--json'])
    .mode('--path', ['--seed', '--python', '--freeze', '--json', '--golden'])
    .needs('--out', '--corpus')
    .needs('--path', '--seed')
    .addHelpText(
      'after',
      examples([
        ['fuzz hooks --runs 200', 'Run 200 new programs.'],
        ['fuzz hooks --seed 42 --path 3:1:0', 'Replay one program of a report.'],
      ]),
    )
    .action(async (_what: string, options: FuzzOptions) => (await import('../fuzz.js')).fuzz(options));
}
