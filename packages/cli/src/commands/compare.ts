import { asJson, examples, goldenFolder, type CliCommand } from '../command.js';
import type { CompareCommandOptions } from '../compare.js';
import { append, defaultDeadline, seconds } from '../options.js';

export function addCompare(program: CliCommand): void {
  program
    .command('compare')
    .description('Do two engines agree on a network? Names the first layer that differs, forwards and backwards.')
    .requiredOption('--network <name|folder>', 'network in golden/networks, or a folder with an exported one')
    .option('--image <file>', 'image: JPEG, PNG or WebP')
    .option('--input <file>', 'safetensors file with x [N,C,H,W], already preprocessed; repeatable', append)
    .option(
      '--target <class>',
      'class whose gradient is compared: index, name, or a target as JSON (default: the top class)',
    )
    .option('--backend <id>', 'the first engine, a backend of ours', 'float64')
    .option('--against <id>', 'the second engine, a backend of ours')
    .option('--port <port>', 'or a port with the method activations, saliency or both: a module, or "cmd:…"')
    .option('--deadline <seconds>', 'limit for one run', seconds('--deadline'), defaultDeadline)
    .addOption(asJson('print the distances of all layers as JSON'))
    .addOption(goldenFolder())
    .addHelpText(
      'after',
      examples([
        [
          'compare --network ./my-network --image cat.jpg --backend wasm --against webgl',
          'Compare two of our backends.',
        ],
        [
          'compare --network ./my-network --image cat.jpg --port ./my-port.mjs',
          'Find the first layer that a port gets wrong.',
        ],
      ]) + '\n\nExit status: 0 they agree, 1 they differ, 4 nothing was compared or something broke, 64 wrong usage.',
    )
    .action(async (options: CompareCommandOptions) => (await import('../compare.js')).runCompare(options));
}
