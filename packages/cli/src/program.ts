import { CommanderError } from 'commander';
import { CliCommand } from './command.js';
import { addAttribute } from './commands/attribute.js';
import { addCheck } from './commands/check.js';
import { addCompare } from './commands/compare.js';
import { addExplain } from './commands/explain.js';
import { addFuzz } from './commands/fuzz.js';
import { addGolden } from './commands/golden.js';
import { addInit } from './commands/init.js';
import { addDoctor, addLayers, addList } from './commands/inspect.js';
import { addLaws } from './commands/laws.js';
import { addMerge } from './commands/merge.js';
import { addPort } from './commands/port.js';
import { addReport } from './commands/report.js';
import { addBench, addGate } from './commands/speed.js';
import { addVerify } from './commands/verify.js';
import { versionText } from './version.js';

/** In the order in which `touchstone --help` lists them. */
const commands = [
  addVerify,
  addMerge,
  addReport,
  addCheck,
  addCompare,
  addExplain,
  addInit,
  addPort,
  addAttribute,
  addLaws,
  addDoctor,
  addList,
  addLayers,
  addBench,
  addGate,
  addFuzz,
  addGolden,
];

/** The command line. What a command does is loaded when it runs: backends take a while to load. */
export function buildProgram(): CliCommand {
  const program = new CliCommand('touchstone');
  program
    // Next to the longest option a narrow terminal leaves less than the 40 columns from which commander wraps.
    .configureHelp({ minWidthToWrap: 20 })
    .description('Checks explanations of neural networks against PyTorch, on every TF.js backend and from any port.')
    .option('-V, --version', 'show the versions of touchstone, Node.js and the goldens')
    .on('option:version', () => {
      process.stdout.write(versionText());
      throw new CommanderError(0, 'commander.version', '');
    })
    .addHelpText(
      'after',
      '\n"touchstone COMMAND --help" shows the options of a command, with examples.\n\n' +
        'Exit status: 0 success, 1 not conformant, 3 slower, 4 something broke or nothing was judged,\n' +
        '5 goldens damaged, 64 wrong usage, 130 interrupted.',
    )
    .helpOption('-h, --help', 'show this help')
    .helpCommand('help [command]', 'show the help of a command')
    .hook('preAction', (_, command) => (command as CliCommand).checkOptions())
    .exitOverride();
  for (const add of commands) add(program);
  return program;
}
