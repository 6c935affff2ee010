import { Option } from 'commander';
import { asJson, examples, goldenFolder, type CliCommand } from '../command.js';
import type { ExplainCommandOptions } from '../explain.js';
import { defaultDeadline, seconds } from '../options.js';

/** Options of `attribute`: people who type them here look for that command. */
const ofAttribute = ['--network', '--image', '--input', '--target', '--set', '--out'];

export function addExplain(program: CliCommand): void {
  const command = program.command('explain');
  for (const name of ofAttribute) command.addOption(new Option(`${name} <value>`, 'an option of attribute').hideHelp());
  command
    .argument('<case>', 'a case, such as grad-cam/tiny-vgg/cat-32')
    .description('Explain the outcome of one case: where, how far, the likely cause, with images.')
    .option('--backend <id>', 'backend to use (default: wasm)')
    .option('--port <port>', 'explain a port: a JavaScript module, or a command such as "cmd:python my_port.py"')
    .option('--outputs <folder>', 'explain what a port wrote for an export')
    .option('--deadline <seconds>', 'limit for one run of the case', seconds('--deadline'), defaultDeadline)
    .option('--report <folder>', 'folder for images of each stage and a page with them (default: none)')
    .addOption(asJson('print the result as JSON'))
    .addOption(goldenFolder())
    .mode('--outputs', ['--backend', '--port', '--report', '--json', '--golden'])
    .addHelpText(
      'after',
      examples([
        ['explain grad-cam/tiny-vgg/cat-32 --backend cpu', 'Show every stage with its error and what is allowed.'],
        ['explain grad-cam/tiny-vgg/cat-32 --report results', 'Draw golden, answer and difference of each stage.'],
        ['explain saliency/tiny-vgg/cat-32 --port ./my-port.mjs', 'Find out where your port differs from PyTorch.'],
      ]) + '\n\nExit status: 0 passed, 1 failed, 4 skipped, errored or incomplete, 5 goldens damaged, 64 wrong usage.',
    )
    .action(async (id: string, options: ExplainCommandOptions) => {
      const meant = ofAttribute.find((name) => name.slice(2) in options);
      return (await import('../explain.js')).runExplain(id, { ...options, ...(meant && { meant }) });
    });
}
