import type { ColourMapName } from '@touchstone/images';
import { Option } from 'commander';
import type { AttributeOptions } from '../attribute-request.js';
import { asJson, examples, goldenFolder, type CliCommand } from '../command.js';
import { append, percent, wholeNumber } from '../options.js';

const colourMaps: readonly ColourMapName[] = ['viridis', 'cividis', 'gist_earth', 'gray', 'RdBu_r'];

/** In a group of their own in the help. */
const figure = (flags: string, description: string): Option =>
  new Option(flags, description).helpGroup('Figures for people (several methods always draw one):');

const figureOptions = [
  figure('--overlay', 'draw the map over the whole photograph, at its own size'),
  figure('--legend', 'draw class, score and a colour bar (default with the options of this group)'),
  figure('--no-legend', 'draw no text and no colour bar'),
  figure('--colour-map <name>', 'colours (default: viridis, and RdBu_r for values of both signs)').choices(colourMaps),
  figure(
    '--percentile <p>',
    'values beyond it have the colours of the ends (default: 99 for gradients, 100 for other maps)',
  ).argParser(percent('--percentile')),
];

const exampleLines = [
  ['attribute grad-cam --network efficientnet-lite0 --image cat.jpg', 'Write grad-cam.png for the top class.'],
  [
    'attribute smooth-grad --network ./my-network --image cat.jpg --set samples=25',
    'Use a network of your own and 25 noisy samples.',
  ],
  [
    'attribute grad-cam --network efficientnet-lite0 --image cat.jpg --overlay',
    'Draw the map over the whole photograph, with class, score and colour bar.',
  ],
  [
    'attribute saliency,smooth-grad,grad-cam --network efficientnet-lite0 --image cat.jpg --overlay',
    'Draw several methods next to each other: sheet.png.',
  ],
  [
    'attribute saliency --network tiny-vgg --input x.safetensors --target 3 --out stages.safetensors',
    'Write all stages of a tensor as numbers.',
  ],
] as const;

export function addAttribute(program: CliCommand): void {
  const command = program
    .command('attribute')
    .description('Explain an image or a tensor of your own.')
    .argument(
      '<methods>',
      'method, such as saliency or grad-cam, or several separated by commas; "touchstone list" shows all',
    )
    .requiredOption('--network <name|folder>', 'network in golden/networks, or a folder with an exported one')
    .option('--image <file>', 'image to explain: JPEG, PNG or WebP')
    .option(
      '--input <file>',
      'safetensors file with x [N,C,H,W], already preprocessed, and fixtures such as noise; repeatable',
      append,
    )
    .option('--target <class>', 'class to explain: index, name, or a target as JSON (default: the top class)')
    .option('--backend <id>', 'backend to use', 'wasm')
    .option('--set <key=value>', 'parameter of the method, as JSON or text; repeatable', append)
    .option(
      '--out <file>',
      'output: .png for an image, .safetensors for all stages, repeatable (default METHOD.png or sheet.png)',
      append,
    )
    .option(
      '--frames <n>',
      'iterative methods: save an image every n steps as FILE.step-n.png; 0 for none',
      wholeNumber('--frames'),
      25,
    )
    .option(
      '--workers <n>',
      'threads that share the samples or images (default: one per core on cpu, wasm and float64)',
      wholeNumber('--workers'),
    )
    .option('--restart', 'iterative methods: start again, ignoring an interrupted run')
    .addOption(asJson('print the top classes and the written files as JSON'))
    .addOption(goldenFolder())
    .addHelpText('after', examples(exampleLines))
    .action(async (methods: string, options: AttributeOptions) =>
      (await import('../attribute.js')).attribute(methods, options),
    );
  for (const option of figureOptions) command.addOption(option);
}
