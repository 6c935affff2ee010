import { asJson, examples, type CliCommand } from '../command.js';
import { defaultDeadline, seconds } from '../options.js';
import type { PortCheckCommandOptions } from '../port-check.js';

export function addPort(program: CliCommand): void {
  const port = program.command('port').description('Check the glue of a port: layout, target, batch, weights.');
  port
    .command('check')
    .description('Find faults in the glue of a port with tiny networks whose answers are known.')
    .requiredOption('--port <port>', 'a JavaScript module, or "cmd:" and a command such as "cmd:python my_port.py"')
    .option('--deadline <seconds>', 'limit for one answer', seconds('--deadline'), defaultDeadline)
    .addOption(asJson())
    .addHelpText(
      'after',
      examples([
        ['port check --port ./my-port.mjs', 'Check a JavaScript module.'],
        ['port check --port "cmd:python my_port.py"', 'Check a port in Python.'],
      ]) +
        '\n\nFor each method the port answers four tiny networks: one whose gradient is exactly its weights, one\n' +
        'of zeros, one without any symmetry, and one for square images. A fifth column proves that the\n' +
        'judge notices a wrong answer.\n\n' +
        'Exit status: 0 all agree, 1 a wrong answer, 4 nothing was answered or something broke, 64 wrong usage.',
    )
    .action(async (options: PortCheckCommandOptions) => (await import('../port-check.js')).checkPort(options));
}
