import { Option } from 'commander';
import type { BenchOptions } from '../bench.js';
import { asJson, examples, goldenFolder, type CliCommand } from '../command.js';
import type { GateOptions } from '../gate.js';
import { names, seconds, wholeNumber } from '../options.js';

export function addBench(program: CliCommand): void {
  program
    .command('bench')
    .description('Measure images per second, next to stock TF.js and PyTorch.')
    .argument('[names...]', 'a method, conv-gradient, first-run-…, hook-cost-… or own-kernel-… (default: all)')
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
    .option('--github-benchmark <file>', 'write JSON for github-action-benchmark (customBiggerIsBetter)')
    .option('--bencher <file>', 'write JSON for Bencher (Bencher Metric Format)')
    .option('--from <file>', 'use what --json, --rows or --history wrote, without measuring')
    .addOption(goldenFolder())
    .mode('--from', ['--plot', '--github-benchmark', '--bencher'])
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
    .description('Detect performance regressions against a base commit, of Touchstone or of your own port.')
    .requiredOption('--base <base>', 'commit to compare with, or a file that bench wrote on this machine')
    .option('--port <port>', 'measure a port of your own: a JavaScript module, or "cmd:" and a command')
    .option('--head <head>', 'with --port: what to compare, as --base (default: the port as it is)')
    .option('--prepare <command>', 'with --port: shell command that prepares a commit or version, such as a build')
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
    .mode('--port', ['--base', '--head', '--prepare', '--benchmark', '--clock', '--json', '--golden'])
    .needs('--head', '--port')
    .needs('--prepare', '--port')
    .addHelpText(
      'after',
      examples([
        ['gate --base origin/main', 'Compare this checkout with the main branch.'],
        ['gate --base v0.1.0 --benchmark grad-cam --backend wasm', 'Compare one method on one backend with a release.'],
        ['gate --port ./port.mjs --base origin/main', 'Compare your port with the main branch of its repository.'],
        [
          'gate --port ./port.mjs --base npm:my-library@1.2.0 --head npm:my-library@2.0.0',
          'Compare two versions of a library that it uses, or of its own package.',
        ],
      ]) +
        '\n\nWith --port, --base and --head are a commit, npm:NAME@VERSION, another module or cmd: and a command.' +
        '\nExit status: 0 not slower, 3 slower, 4 inconclusive.',
    )
    .action(async (options: GateOptions) => (await import('../gate.js')).runGate(options));
}
