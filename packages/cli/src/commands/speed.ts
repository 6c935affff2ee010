import { Option } from 'commander';
import type { BenchOptions } from '../bench.js';
import { asJson, examples, goldenFolder, type CliCommand } from '../command.js';
import type { GateOptions } from '../gate.js';
import { names, seconds, wholeNumber } from '../options.js';

export function addBench(program: CliCommand): void {
  program
    .command('bench')
    .description('Measure images per second, next to stock TF.js and PyTorch.')
    .argument('[names...]', 'a method, conv-gradient, hook-cost-… or own-kernel-… (default: all)')
    .option('--backend <ids...>', 'backends to measure (default: all available)', names)
    .option('--network <names...>', 'networks: vgg11-64, efficientnet-lite0-224, vgg16-224 (default: all)', names)
    .option('--rounds <n>', 'number of measurements of each contestant, taken in turn', wholeNumber('--rounds'), 3)
    .option('--seconds <seconds>', 'approximate time for one network on one backend', seconds('--seconds'), 180)
    .option('--python <path>', 'a Python with PyTorch (default: TOUCHSTONE_PYTHON, else python3)')
    .option('--no-python', 'measure without PyTorch')
    .addOption(asJson('print the rows as JSON instead of a table'))
    .option('--rows <file>', 'store each row as soon as it is measured; the same command resumes from it')
    .option('--history [file]', 'append this run to a file (default: benchmarks/history/MACHINE.jsonl)')
    .option('--plot <file>', 'draw SmoothGrad against batch size, as SVG')
    .option('--from <file>', 'with --plot: draw what --json, --rows or --history wrote, without measuring')
    .addOption(goldenFolder())
    .mode('--from', ['--plot'])
    .needs('--from', '--plot', 'draws stored rows')
    .addHelpText(
      'after',
      examples([
        ['bench saliency --backend wasm', 'Measure one method on one backend.'],
        ['bench smooth-grad --rows rows.jsonl --plot speed.svg', 'Measure, resume after an interrupt, and draw.'],
        ['bench --from rows.jsonl --plot speed.svg', 'Draw an earlier run.'],
      ]),
    )
    .action(async (chosen: string[], options: BenchOptions) => (await import('../bench.js')).bench(chosen, options));
}

export function addGate(program: CliCommand): void {
  program
    .command('gate')
    .description('Detect performance regressions against a base commit.')
    .requiredOption('--base <ref|file>', 'commit to compare with, or a file that bench wrote on this machine')
    .option(
      '--benchmark <methods...>',
      'methods to measure (default: smooth-grad, saliency, guided-backprop, grad-cam)',
      names,
    )
    .option('--backend <ids...>', 'backends to measure (default: all available)', names)
    .addOption(
      new Option('--clock <clock>', 'time to compare (default: processor time where the backend reports it)').choices([
        'processor',
        'wall',
      ]),
    )
    .addOption(asJson())
    .addOption(goldenFolder())
    .addHelpText(
      'after',
      examples([
        ['gate --base origin/main', 'Compare this checkout with the main branch.'],
        ['gate --base v0.1.0 --benchmark grad-cam --backend wasm', 'Compare one method on one backend with a release.'],
      ]) + '\n\nExit status: 0 not slower, 3 slower, 4 inconclusive.',
    )
    .action(async (options: GateOptions) => (await import('../gate.js')).runGate(options));
}
