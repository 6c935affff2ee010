import { asJson, examples, goldenFolder, type CliCommand } from '../command.js';
import type { FuzzHooksOptions } from '../fuzz-hooks.js';
import type { FuzzMethodsOptions } from '../fuzz-methods.js';
import { maxSeed, wholeNumber } from '../options.js';

export function addFuzz(program: CliCommand): void {
  const fuzz = program.command('fuzz').description('Compare random programs or random networks with a live PyTorch.');
  addHooks(fuzz);
  addMethods(fuzz);
  fuzz.addHelpText(
    'after',
    examples([
      ['fuzz methods --backend wasm --runs 1000', 'Explain 1000 random networks on wasm.'],
      ['fuzz hooks --runs 200', 'Run 200 new hook programs.'],
    ]),
  );
}

const runs = (of: string) => ['--runs <n>', `number of ${of}s`, wholeNumber('--runs'), 1000] as const;
const seed = (of: string) =>
  ['--seed <n>', `seed of the ${of}s (default: a new one each time)`, wholeNumber('--seed', maxSeed)] as const;
const path = (of: string) => ['--path <path>', `with --seed: only the ${of} at this path, as reported`] as const;
const python = ['--python <path>', 'a Python with PyTorch (default: TOUCHSTONE_PYTHON, else python3)'] as const;

function addHooks(fuzz: CliCommand): void {
  fuzz
    .command('hooks')
    .description('Compare random hook programs with a live PyTorch.')
    .option(...runs('program'))
    .option(...seed('program'))
    .option(...path('program'))
    .option(...python)
    .option('--freeze <name>', 'keep a disagreement as the case hooks/NAME of golden/')
    .option('--corpus <n>', 'write n programs to keep instead; needs --seed and --out', wholeNumber('--corpus'))
    .option('--out <folder>', 'folder for --corpus')
    .addOption(asJson())
    .addOption(goldenFolder())
    .mode('--corpus', ['--seed', '--out', '--json'])
    .mode('--path', ['--seed', '--python', '--freeze', '--json', '--golden'])
    .needs('--corpus', '--seed')
    .needs('--corpus', '--out')
    .needs('--out', '--corpus')
    .needs('--path', '--seed')
    .addHelpText(
      'after',
      examples([
        ['fuzz hooks --runs 200', 'Run 200 new programs.'],
        ['fuzz hooks --seed 42 --path 3:1:0', 'Replay one program of a report.'],
      ]),
    )
    .action(async (options: FuzzHooksOptions) => (await import('../fuzz-hooks.js')).runFuzzHooks(options));
}

function addMethods(fuzz: CliCommand): void {
  fuzz
    .command('methods')
    .description('Compare methods on random networks and images: a backend, float64 and a live PyTorch.')
    .option('--backend <id>', 'backend that is tested', 'wasm')
    .option(...runs('case'))
    .option(...seed('case'))
    .option(...path('case'))
    .option(...python)
    .option('--no-python', 'compare with our own float64 only')
    .option('--freeze <name>', 'keep a disagreement as a case on the network random/NAME of golden/')
    .addOption(asJson())
    .addOption(goldenFolder())
    .mode('--path', ['--seed', '--backend', '--python', '--no-python', '--freeze', '--json', '--golden'])
    .needs('--path', '--seed')
    .addHelpText(
      'after',
      examples([
        ['fuzz methods --backend webgl --runs 200', 'Test webgl on 200 random networks.'],
        ['fuzz methods --backend wasm --seed 42 --path 3:1:0', 'Replay one of a report.'],
      ]),
    )
    .action(async (options: FuzzMethodsOptions) => (await import('../fuzz-methods.js')).runFuzzMethods(options));
}
