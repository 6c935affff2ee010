import { Option } from 'commander';
import type { LayersOptions } from '../layers.js';
import type { ListOptions } from '../list.js';
import { asJson, examples, goldenFolder, type CliCommand } from '../command.js';
import type { DoctorOptions } from '../doctor.js';

export function addDoctor(program: CliCommand): void {
  program
    .command('doctor')
    .description('Show which backends work on this machine, and why others do not.')
    .option('--probes', "compare the gradients of TF.js and ours with PyTorch's on each backend")
    .option('--accept', 'with --probes: store the answers of TF.js as known')
    .addOption(asJson())
    .addOption(goldenFolder())
    .addHelpText(
      'after',
      examples([
        ['doctor', 'List the backends with device and precision.'],
        ['doctor --probes', 'Find out where the gradients of TF.js differ from PyTorch.'],
      ]),
    )
    .action(async (options: DoctorOptions) => (await import('../doctor.js')).runDoctor(options));
}

export function addLayers(program: CliCommand): void {
  program
    .command('layers')
    .description('List the layers of a network: shapes, which one a CAM takes, and which have no gradient.')
    .requiredOption('--network <name|folder>', 'name in golden/networks, or a folder of export_network')
    .addOption(new Option('--image <file>', 'image whose shape counts').conflicts('input'))
    .option('--input <file...>', 'safetensors with "x" [N,C,H,W], whose shape counts (default: one image)')
    .option('--target <class>', 'class whose gradient counts: index, name, or a target as JSON (default: all outputs)')
    .addOption(asJson())
    .addOption(goldenFolder())
    .addHelpText(
      'after',
      examples([
        ['layers --network tiny-vgg', 'Show what --set layer= accepts, and what is taken without it.'],
        ['layers --network ./vit --json', 'The same for programs.'],
      ]),
    )
    .action(async (options: LayersOptions) => (await import('../layers.js')).runLayers(options));
}

export function addList(program: CliCommand): void {
  program
    .command('list')
    .description('List methods with their parameters, networks, backends and the number of cases.')
    .option('--all', 'show each network of a numbered series')
    .addOption(
      new Option('--cases [pattern]', 'list the cases instead; "*" matches any characters (default: all)').conflicts(
        'json',
      ),
    )
    .addOption(asJson())
    .addOption(goldenFolder())
    .mode('--cases', ['--golden'])
    .addHelpText(
      'after',
      examples([
        ['list', 'Show what --method, --network, --backend and --set accept.'],
        ['list --cases "grad-cam/*"', 'Show the Grad-CAM cases and why each exists.'],
      ]),
    )
    .action(async (options: ListOptions) => (await import('../list.js')).list(options));
}
