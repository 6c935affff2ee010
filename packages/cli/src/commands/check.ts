import { Option } from 'commander';
import type { CheckCommandOptions } from '../check.js';
import { asJson, examples, goldenFolder, type CliCommand } from '../command.js';
import { append, seconds } from '../options.js';

/** For one run in float64, in seconds. */
const defaultDeadline = 600;

export function addCheck(program: CliCommand): void {
  program
    .command('check')
    .description('Is this map right? Compare one answer of yours, on any network, with float64.')
    .argument('<method>', 'method that the answer should be, such as grad-cam; "touchstone list" shows all')
    .requiredOption('--network <name|folder>', 'network in golden/networks, or a folder with an exported one')
    .requiredOption(
      '--answer <file>',
      'your map: .npy, .npz, .safetensors or .json; several arrays are taken as stages by their names',
    )
    .option('--image <file>', 'image that was explained: JPEG, PNG or WebP')
    .option(
      '--input <file>',
      'safetensors file with x [N,C,H,W], already preprocessed, and fixtures such as noise; repeatable',
      append,
    )
    .option('--target <class>', 'class that was explained: index, name, or a target as JSON (default: the top class)')
    .option('--set <key=value>', 'parameter of the method, as JSON or text; repeatable', append)
    .addOption(new Option('--layout <layout>', 'layout of your map').choices(['NCHW', 'NHWC']).default('NCHW'))
    .option('--deadline <seconds>', 'limit for one run in float64', seconds('--deadline'), defaultDeadline)
    .addOption(asJson('print the verdict as JSON'))
    .addOption(goldenFolder())
    .addHelpText(
      'after',
      examples([
        [
          'check grad-cam --network ./my-network --image cat.jpg --set layer=features.30 --answer heat.npy',
          'Is heat.npy the Grad-CAM of the top class?',
        ],
        [
          'check saliency --network tiny-vgg --input x.safetensors --target 3 --answer mine.safetensors --json',
          'Check stages of a tensor; print the verdict for a program.',
        ],
      ]) + '\n\nExit status: 0 right, 1 not right, 4 rounding decides, 64 wrong usage.',
    )
    .action(async (method: string, options: CheckCommandOptions) =>
      (await import('../check.js')).runCheck(method, options),
    );
}
