import { Option } from 'commander';
import { examples, goldenFolder, type CliCommand } from '../command.js';
import { formatOptions, withFormats } from './formats.js';
import { append, defaultDeadline, names, seconds } from '../options.js';
import type { VerifyCommandOptions } from '../verify.js';

/** The options that select cases. */
const selection = [
  '--method',
  '--network',
  '--case',
  '--profile',
  '--shard',
  '--image',
  '--input',
  '--target',
  '--set',
];
/** What is checked instead; `verify` says that these exclude each other. */
const alternatives = ['--backend', '--require', '--port', '--images'];

/** With them. */
const ofOutputs = ['--report', '--resume', '--json', '--partial', '--expectations', '--golden'];

const help =
  examples([
    ['verify', 'Check all methods on all available backends.'],
    ['verify --method grad-cam --backend wasm', 'Check the Grad-CAM cases on one backend.'],
    ['verify --port ./my-port.mjs', 'Check your own implementation, a JavaScript module.'],
    ['verify --port "cmd:python my_port.py"', 'Check a program in any language.'],
    [
      'verify --port ./my-port.mjs --network ./my-network --image cat.jpg',
      'Check it on a network of your own, with goldens that are made for the image.',
    ],
    ['verify --report results', 'Keep the numbers and images, with a page that shows them.'],
    ['verify --shard 1/4 --report shard-1', 'Check a quarter; "merge" joins the four.'],
    ['verify --require webgl --json results.ndjson', 'In CI: fail if WebGL is missing, keep the result lines.'],
    ['verify --junit junit.xml --markdown --annotations', 'On GitHub: tests, summary of the step and annotations.'],
  ]) +
  '\n\nExit status: 0 passed, 1 not conformant, 4 nothing was judged (of all, or of a method that is named) or ' +
  'something broke,\n5 goldens damaged, 64 wrong usage, 130 interrupted.';

export function addVerify(program: CliCommand): void {
  const command = program
    .command('verify')
    .description('Compare explanations with the PyTorch goldens, on our backends or from a port.')
    .option(
      '--backend <ids...>',
      'backends to use; "*" matches any characters (default: all that run without a software renderer)',
      names,
    )
    .option('--method <ids...>', 'methods to check (default: all)', names)
    .option('--network <names...>', 'networks to check (default: all)', names)
    .option('--case <ids...>', 'cases to check, such as "grad-cam/*" (default: all of the profile)', names)
    .addOption(new Option('--profile <profile>', 'set of cases').choices(['quick', 'full']).default('quick'))
    .option('--port <port>', 'check a port: a JavaScript module, or a command such as "cmd:python my_port.py"')
    .option(
      '--image <file>',
      'judge on an image of your own: one --network, a name or a folder; goldens are made for it',
    )
    .option('--images <files>', 'the same on every image of a folder or pattern, such as "photos/*.jpg"')
    .option('--input <file>', 'the same with a safetensors file with x [N,C,H,W]; repeatable', append)
    .option('--target <class>', 'with --image or --input: class to explain (default: the top class)')
    .option('--set <key=value>', 'with --image or --input: parameter of the methods that have it; repeatable', append)
    .option('--shard <i/n>', 'check part i of n of the cases, for merge; "auto" reads it from variables of CI services')
    .option(
      '--deadline <seconds>',
      'limit for one run of a case; cases that are estimated to take longer are skipped',
      seconds('--deadline'),
      defaultDeadline,
    )
    .option('--require <ids...>', 'backends that must be available', names)
    .option('--report <folder>', 'folder for results.ndjson, index.html and images (default: nothing is kept)')
    .option('--resume', 'with --report: keep what an interrupted run left there, and run the rest')
    .option('--json <file>', 'write the result lines to a file; - for stdout instead of the table')
    .option('--export <folder>', 'write the cases without their goldens, for a port that runs elsewhere, and exit')
    .option('--outputs <folder>', 'check what a port wrote for an export')
    .option('--partial', 'with --outputs: skip cases without an output, which otherwise are errors')
    .option(
      '--expectations <file>',
      'known failures of the port or its outputs (default: expectations.jsonc next to the module)',
    )
    .addOption(goldenFolder());
  withFormats(command)
    .mode('--export', [...selection, '--golden'])
    .mode('--outputs', [...selection, ...alternatives, ...ofOutputs, ...formatOptions])
    .needs('--partial', '--outputs')
    .needs('--resume', '--report')
    .addHelpText('after', help)
    .action(async (options: VerifyCommandOptions) => (await import('../verify.js')).runVerify(options));
}
