import { Argument, Command, Option } from 'commander';
import type { AttributeOptions } from './attribute.js';
import type { BenchOptions } from './bench.js';
import type { DoctorOptions } from './doctor.js';
import type { FuzzOptions } from './fuzz.js';
import type { GateOptions } from './gate.js';
import { append, defaultDeadline, goldenDefault, names, seconds, wholeNumber } from './options.js';
import type { VerifyCommandOptions } from './verify.js';

/** The command line. Each command lives in the file of its name, which is loaded when it runs: engines take a while to load. */
export function buildProgram(): Command {
  const program = new Command('touchstone')
    .description(
      'Tests whether explanations of neural networks are right: the marks that PyTorch leaves, on every TF.js backend and from any port.',
    )
    .configureHelp({ showGlobalOptions: false })
    .showHelpAfterError('(touchstone --help, or touchstone COMMAND --help, lists what there is)')
    .exitOverride();

  program
    .command('verify')
    .description('judge the methods against the goldens, on our backends or from a port')
    .option(
      '--backend <ids...>',
      'of those that touchstone list names; several, or with * (default: every one that is available)',
      names,
    )
    .option('--method <ids...>', 'only these methods', names)
    .option('--network <names...>', 'only these networks', names)
    .option('--case <ids...>', 'only these cases, for example "grad-cam/*"', names)
    .addOption(new Option('--profile <profile>', 'how many cases').choices(['quick', 'full']).default('quick'))
    .option('--port <module>', 'judge a port: a JavaScript module, ./my-port.mjs')
    .option('--shard <i/n>', 'only the i-th of n parts of the cases')
    .option(
      '--deadline <seconds>',
      'for one run of a case; what would take longer by estimate is skipped',
      seconds,
      defaultDeadline,
    )
    .option('--require <ids...>', 'backends that must be available', names)
    .option('--report <folder>', 'where results.ndjson, index.html and pictures go', 'results')
    .option('--json <file>', 'write the result lines to a file, - for stdout')
    .option('--export <folder>', 'write the cases, without goldens, for a port that runs elsewhere, and end')
    .option('--outputs <folder>', 'judge what a port wrote for an export')
    .addOption(goldenFolder())
    .action(async (options: VerifyCommandOptions) => (await import('./verify.js')).runVerify(options));

  program
    .command('attribute')
    .argument('<method>', 'saliency, grad-cam, …; touchstone list knows them')
    .description('explain a picture, or a tensor, of your own')
    .requiredOption('--network <name|folder>', 'a network in golden/networks, or an exported folder')
    .option('--image <file>', 'JPEG, PNG or WebP')
    .option(
      '--input <file>',
      'safetensors with x [N,C,H,W], already preprocessed, and fixtures such as noise, start or labels; repeatable',
      append,
    )
    .option('--target <class>', 'index or name of the class to explain (default: the top class), or a target as JSON')
    .option('--backend <id>', 'the engine that computes', 'wasm')
    .option('--set <key=value>', 'a parameter of the method, as JSON or text; repeatable', append)
    .option(
      '--out <file>',
      'FILE.png for a picture, FILE.safetensors for every stage; repeatable (default: METHOD.png)',
      append,
    )
    .option(
      '--frames <n>',
      'of a method that goes step by step: a picture every n steps, FILE.step-n.png; 0 for none',
      wholeNumber,
      25,
    )
    .option(
      '--workers <n>',
      'threads that share the samples of smooth-grad, or the pictures of a batch (default: one for each core on cpu, wasm and float64)',
      wholeNumber,
    )
    .option('--restart', 'begin again, also where an interrupted run left FILE.unfinished.safetensors')
    .option('--json', 'the top classes and the files as JSON on stdout')
    .addOption(goldenFolder())
    .action(async (method: string, options: AttributeOptions) =>
      (await import('./attribute.js')).attribute(method, options),
    );

  program
    .command('doctor')
    .description('what each backend is on this machine, or why it is unavailable')
    .option('--json', 'as JSON on stdout')
    .option('--probes', "where TF.js's own gradients are not PyTorch's, on each backend; and that ours are")
    .option('--accept', 'with --probes: store what TF.js answers as known')
    .addOption(goldenFolder())
    .action(async (options: DoctorOptions) => (await import('./doctor.js')).runDoctor(options));

  program
    .command('list')
    .description('methods with their parameters, networks, backends and the number of cases')
    .option('--json', 'as JSON on stdout')
    .addOption(goldenFolder())
    .action(async (options: { json?: boolean; golden: string }) => (await import('./list.js')).list(options));

  program
    .command('fuzz')
    .description('run new random hook programs against a live PyTorch')
    .addArgument(new Argument('<what>', 'what is made up').choices(['hooks']))
    .option('--runs <n>', 'how many programs', '1000')
    .option('--seed <n>', 'draws the same programs again (default: a fresh one)')
    .option('--path <path>', 'with --seed: only the program there, as a report names it')
    .option('--python <path>', 'the Python that has PyTorch (default: TOUCHSTONE_PYTHON, else python3)')
    .option('--freeze <name>', 'keep a disagreement as the case hooks/NAME of golden/')
    .option('--corpus <n>', 'instead: write N programs to keep, with --seed and --out')
    .option('--out <folder>', 'where --corpus writes')
    .option('--json', 'as JSON on stdout')
    .addOption(goldenFolder())
    .action(async (_what: string, options: FuzzOptions) => (await import('./fuzz.js')).fuzz(options));

  program
    .command('bench')
    .argument('[names...]', 'smooth-grad, or another method, conv-gradient, hook-cost-…, own-kernel-… (default: all)')
    .description('how fast: images per second, beside stock TF.js, PyTorch and what the machine can do')
    .option('--backend <ids...>', 'only these backends', names)
    .option('--network <names...>', 'only these: vgg11-64, efficientnet-lite0-224, vgg16-224', names)
    .option('--rounds <n>', 'how often each is measured, in turn', wholeNumber, 3)
    .option('--seconds <seconds>', 'about how long for one network on one backend', seconds, 180)
    .option('--python <path>', 'a Python that has PyTorch (default: TOUCHSTONE_PYTHON, else python3)')
    .option('--no-python', 'without PyTorch')
    .option('--json', 'the rows as JSON on stdout')
    .option('--rows <file>', 'keep each row in a file as it is measured; the same command goes on where it stopped')
    .option('--history [file]', 'keep this run as a line of a file (default: benchmarks/history/MACHINE.jsonl)')
    .option('--plot <file>', 'draw SmoothGrad against batch size, as SVG')
    .option('--from <file>', 'with --plot: draw what --json, --rows or --history wrote, without measuring')
    .addOption(goldenFolder())
    .action(async (chosen: string[], options: BenchOptions) => (await import('./bench.js')).bench(chosen, options));

  program
    .command('gate')
    .description('whether this checkout has become slower')
    .requiredOption(
      '--base <ref|file>',
      'a commit to measure beside this one, or a file that bench wrote on this machine',
    )
    .option(
      '--benchmark <methods...>',
      'only these methods (default: smooth-grad, saliency, guided-backprop, grad-cam)',
      names,
    )
    .option('--backend <ids...>', 'only these backends (default: every one that is available)', names)
    .addOption(
      new Option('--clock <clock>', 'what is compared (default: processor, where a backend knows it)').choices([
        'processor',
        'wall',
      ]),
    )
    .option('--json', 'as JSON on stdout')
    .addOption(goldenFolder())
    .action(async (options: GateOptions) => (await import('./gate.js')).runGate(options));

  const golden = program.command('golden').description('check or make the reference results');
  golden
    .command('verify')
    .description('check every hash and every row of golden/')
    .option('--json', 'as JSON on stdout')
    .addOption(goldenFolder())
    .action(async (options: { json?: boolean; golden: string }) => (await import('./golden.js')).checkGolden(options));
  for (const [name, text] of [
    ['regen', 'make the goldens again, beside the present ones'],
    ['accept', 'take over what regen made'],
  ] as const) {
    golden
      .command(name)
      .description(`${text}; needs Python with PyTorch`)
      .argument('[arguments...]', 'for python -m touchstone_golden, after --')
      .option(
        '--python <path>',
        'the Python that has tools/golden/requirements.txt installed',
        process.platform === 'win32' ? 'python' : 'python3',
      )
      .addOption(goldenFolder())
      .action(async (rest: string[], options: { python: string; golden: string }) =>
        (await import('./golden.js')).makeGolden(name, rest, options),
      );
  }
  return program;
}

function goldenFolder(): Option {
  return new Option('--golden <folder>', 'the folder with the reference results').default(
    goldenDefault,
    'golden/ of the repository',
  );
}
