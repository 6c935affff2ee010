import { asJson, examples, goldenFolder, type CliCommand } from '../command.js';

interface MakeOptions {
  readonly python?: string;
  readonly golden: string;
}

export function addGolden(program: CliCommand): void {
  const golden = program.command('golden').description("Check the goldens (PyTorch's results), or make new ones.");
  golden
    .command('verify')
    .description('Check every checksum and every row of golden/.')
    .addOption(asJson('print the findings as JSON'))
    .addOption(goldenFolder())
    .action(async (options: { json?: boolean; golden: string }) => (await import('../golden.js')).checkGolden(options));
  for (const [name, text] of [
    ['regen', 'Make the goldens again with PyTorch. Writes to golden-new/, never overwrites.'],
    ['accept', 'Replace the goldens by those that regen made.'],
  ] as const) {
    golden
      .command(name)
      .description(text)
      .argument('[arguments...]', 'arguments of python -m touchstone_golden, after --')
      .option('--python <path>', 'a Python with PyTorch (default: TOUCHSTONE_PYTHON, else python3)')
      .addOption(goldenFolder())
      .action(async (rest: string[], options: MakeOptions) =>
        (await import('../golden.js')).makeGolden(name, rest, options),
      );
  }
  golden.addHelpText(
    'after',
    examples([
      ['golden verify', 'Check that nothing in golden/ is damaged.'],
      ['golden regen -- --case grad-cam/tiny-vgg/cat-32', 'Make one golden again.'],
    ]),
  );
}
