import { Option } from 'commander';
import { examples, type CliCommand } from '../command.js';
import type { InitPortOptions } from '../init.js';

export function addInit(program: CliCommand): void {
  const init = program.command('init').description('Start a port of your own.');
  init
    .command('port')
    .description('Write a small working port with its README and a workflow for CI; never overwrites a file.')
    .argument('[folder]', 'where to write it', 'touchstone-port')
    .addOption(new Option('--lang <language>', 'language of the port').choices(['js', 'python']).makeOptionMandatory())
    .addHelpText(
      'after',
      examples([
        ['init port --lang js', 'Write a port in JavaScript to touchstone-port/.'],
        ['init port --lang python my-port', 'Write a port in Python, for torch modules, to my-port/.'],
      ]),
    )
    .action(async (folder: string, options: InitPortOptions) => (await import('../init.js')).initPort(folder, options));
}
