import { Option } from 'commander';
import { examples, type CliCommand } from '../command.js';
import type { InitPortOptions } from '../init.js';
import type { InitCiOptions } from '../init-ci.js';
import { names, wholeNumber } from '../options.js';

export function addInit(program: CliCommand): void {
  const init = program.command('init').description('Start a port of your own, and its checks in CI.');
  init
    .command('port')
    .description('Write a small working port with its README; never overwrites a file.')
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
  init
    .command('ci')
    .description('Write the checks of a port for GitHub or GitLab; never overwrites a file.')
    .argument('[folder]', 'root of the repository', '.')
    .addOption(new Option('--provider <name>', 'whose CI it is').choices(['github', 'gitlab']).makeOptionMandatory())
    .requiredOption('--port <port>', 'port to check: a JavaScript module, or "cmd:" and a command')
    .option('--method <ids...>', 'methods that must be judged', names)
    .option('--shards <n>', 'share the cases among n jobs, which another job merges', wholeNumber('--shards'))
    .addHelpText(
      'after',
      examples([
        [
          'init ci --provider github --port ./port.mjs --method saliency grad-cam',
          'Write an action, and a workflow that uses it.',
        ],
        [
          'init ci --provider github --port ./port.mjs --shards 4',
          'The same in four jobs, and one that merges what they found.',
        ],
        ['init ci --provider gitlab --port "cmd:python port.py"', 'Write a file for .gitlab-ci.yml to include.'],
      ]),
    )
    .action(async (folder: string, options: InitCiOptions) => (await import('../init-ci.js')).initCi(folder, options));
}
