import { Argument, Command, Option } from 'commander';
import type { AttributeOptions } from './attribute.js';
import type { FuzzOptions } from './fuzz.js';
import { append, goldenDefault, names } from './options.js';
import type { VerifyCommandOptions } from './verify.js';

/** The command line. Each command lives in the file of its name, which is loaded when it runs: engines take a while to load. */
export function buildProgram(): Command {
  const program = new Command('touchstone')
    .description('Tests whether explanations of neural networks are right: the marks that PyTorch leaves, on every TF.js backend and from any port.')
    .configureHelp({ showGlobalOptions: false })
    .showHelpAfterError('(touchstone --help, or touchstone COMMAND --help, lists what there is)')
    .exitOverride();

  program
    .command('verify')
    .description('judge the methods against the goldens, on our backends or from a port')
    .option('--backend <ids...>', 'cpu, wasm, float64; several, or with * (default: cpu and wasm)', names)
    .option('--method <ids...>', 'only these methods', names)
    .option('--network <names...>', 'only these networks', names)
    .option('--case <ids...>', 'only these cases, for example "grad-cam/*"', names)
    .addOption(new Option('--profile <profile>', 'how many cases').choices(['quick', 'full']).default('quick'))
    .option('--port <module>', 'judge a port: a JavaScript module, ./my-port.mjs')
    .option('--shard <i/n>', 'only the i-th of n parts of the cases')
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
    .option('--input <file>', 'safetensors with x [N,C,H,W], already preprocessed, and fixtures such as noise')
    .option('--target <class>', 'index or name of the class to explain (default: the top class)')
    .option('--backend <id>', 'the engine that computes', 'wasm')
    .option('--set <key=value>', 'a parameter of the method, as JSON or text; repeatable', append)
    .option('--out <file>', 'FILE.png for a picture, FILE.safetensors for every stage; repeatable (default: METHOD.png)', append)
    .option('--json', 'the top classes and the files as JSON on stdout')
    .addOption(goldenFolder())
    .action(async (method: string, options: AttributeOptions) => (await import('./attribute.js')).attribute(method, options));

  program
    .command('doctor')
    .description('what each backend is on this machine, or why it is unavailable')
    .option('--json', 'as JSON on stdout')
    .action(async ({ json = false }: { json?: boolean }) => (await import('./doctor.js')).runDoctor(json));

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

  const golden = program.command('golden').description('check or make the reference results');
  golden
    .command('verify')
    .description('check every hash and every row of golden/')
    .option('--json', 'as JSON on stdout')
    .addOption(goldenFolder())
    .action(async (options: { json?: boolean; golden: string }) => (await import('./golden.js')).checkGolden(options));
  for (const [name, text] of [['regen', 'make the goldens again, beside the present ones'], ['accept', 'take over what regen made']] as const) {
    golden
      .command(name)
      .description(`${text}; needs Python with PyTorch`)
      .argument('[arguments...]', 'for python -m touchstone_golden, after --')
      .option('--python <path>', 'the Python that has tools/golden/requirements.txt installed', process.platform === 'win32' ? 'python' : 'python3')
      .addOption(goldenFolder())
      .action(async (rest: string[], options: { python: string; golden: string }) => (await import('./golden.js')).makeGolden(name, rest, options));
  }
  return program;
}

function goldenFolder(): Option {
  return new Option('--golden <folder>', 'the folder with the reference results').default(goldenDefault, 'golden/ of the repository');
}
