import { randomInt } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { findBackend } from '@touchstone/backends';
import { counted, hookKinds, Name, TouchstoneError, type CaseRow, type HookKind } from '@touchstone/contract';
import {
  actNames,
  caseRow,
  drawCorpus,
  fuzzHooks,
  inWords,
  LivePyTorch,
  ourTrace,
  printPython,
  printTypeScript,
  replayHooks,
  settingFiles,
  withRows,
  type FuzzResult,
  type HookDisagreement,
} from '@touchstone/fuzz';
import { coloursFor, formatTable, progressOn } from '@touchstone/report';
import { pythonHint, pythonPath, readText, whichPython, writeWhole } from '@touchstone/system';
import { untilInterrupted } from './interrupt.js';
import { printAs } from './json-outputs.js';
import { note, print } from './output.js';
import { checkPath, maxSeed, refuseZero, repository } from './options.js';

export interface FuzzOptions {
  readonly runs: string;
  readonly seed?: string;
  readonly path?: string;
  readonly python?: string;
  readonly freeze?: string;
  readonly corpus?: string;
  readonly out?: string;
  readonly json?: boolean;
  readonly golden: string;
}

/** Exit status 0 no disagreement · 1 a disagreement · 4 no PyTorch. */
export async function fuzz(options: FuzzOptions): Promise<void> {
  await findBackend('float64').open();
  if (options.corpus !== undefined) return writeCorpus(options);
  const name = options.freeze === undefined ? undefined : checkName(options.freeze, options.golden);
  const seed = options.seed === undefined ? randomInt(maxSeed) : wholeNumber('--seed', options.seed);
  const runs = wholeNumber('--runs', options.runs);
  refuseZero('--runs', runs, 1000);
  if (options.path !== undefined) checkPath(options.path);
  const started = Date.now();
  const { torch, result } = await untilInterrupted((signal) => againstPyTorch(options, { seed, runs, signal }));
  const { programs, stages, disagreement } = result;
  if (disagreement) process.exitCode = 1;
  if (options.json)
    printAs('fuzz', {
      torch,
      seed,
      programs,
      stages,
      milliseconds: Date.now() - started,
      disagreement: disagreement && withCode(disagreement),
    });
  else if (!disagreement)
    print(
      coloursFor(process.stdout).green(
        `${counted(programs, 'program')}, ${counted(stages, 'stage')}: the same as PyTorch ${torch} (seed ${seed})`,
      ),
    );
  else print(...reportOf(disagreement, programs, torch));
  if (disagreement && name !== undefined) await freeze(disagreement, name, options.golden);
}

async function againstPyTorch(
  { python, path }: FuzzOptions,
  { seed, runs, signal }: { seed: number; runs: number; signal: AbortSignal },
): Promise<{ torch: string; result: FuzzResult }> {
  const live = await startPyTorch(whichPython(python));
  const progress = progressOn(process.stderr);
  const stop = (): void => void live.close();
  signal.addEventListener('abort', stop);
  try {
    const { torch } = live;
    const pytorch = (scenes: Parameters<LivePyTorch['traces']>[0]) => live.traces(scenes);
    if (path !== undefined) return { torch, result: await replayHooks({ pytorch }, seed, path) };
    return {
      torch,
      result: await fuzzHooks(
        { pytorch },
        { runs, seed, signal, onProgress: (done, doing) => progress.update(done, runs, doing) },
      ),
    };
  } finally {
    progress.end();
    signal.removeEventListener('abort', stop);
    await live.close();
  }
}

async function startPyTorch(python: string): Promise<LivePyTorch> {
  try {
    return await LivePyTorch.start({
      command: python,
      args: ['-m', 'touchstone_golden.hook_server'],
      env: { ...pythonPath(join(repository, 'tools', 'golden')), OMP_NUM_THREADS: '1' },
    });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new TouchstoneError('backend-unavailable', `no PyTorch to compare with: ${why}`, pythonHint);
  }
}

function reportOf(
  { scene, difference, seed, path, shrinks }: HookDisagreement,
  programs: number,
  torch: string,
): string[] {
  const colours = coloursFor(process.stdout);
  return [
    colours.red(`✗ program ${programs} differs from PyTorch ${torch}; shrunk ${shrinks} times`),
    ...difference.split('\n').map((line) => `  ${line}`),
    `  replay: npx touchstone fuzz hooks --seed ${seed} --path ${path}`,
    '',
    colours.bold('In PyTorch:'),
    '',
    printPython(scene),
    colours.bold('In TypeScript:'),
    '',
    printTypeScript(scene),
  ];
}

function withCode({ scene: { description, target, program, ...tensors }, ...disagreement }: HookDisagreement) {
  return {
    ...disagreement,
    description,
    target,
    program,
    python: printPython({ description, target, program, ...tensors }),
    typescript: printTypeScript({ description, target, program, ...tensors }),
  };
}

function checkName(name: string, golden: string): string {
  if (!Name.safeParse(`hooks/${name}`).success)
    throw new TouchstoneError(
      'usage',
      `--freeze ${JSON.stringify(name)} is not a valid name`,
      'Use only letters, digits, ".", "_" and "-".',
    );
  if (existsSync(join(golden, 'networks', 'hooks', name)))
    throw new TouchstoneError(
      'usage',
      `--freeze ${name}: the network hooks/${name} exists already`,
      'Give another name.',
    );
  return name;
}

/** Writes all files of the case except its golden. */
async function freeze({ scene, difference }: HookDisagreement, name: string, golden: string): Promise<void> {
  const trace = await ourTrace(scene).catch(() => ({}));
  const why = `found by fuzzing: ${inWords(scene.program, scene.description, trace)}`;
  const row = caseRow(scene, { id: name, name, why });
  for (const [path, content] of settingFiles(scene, name, `found by fuzzing: ${difference.split('\n', 1)[0]}`))
    writeWhole(join(golden, path), content);
  await writeRows(golden, [row], (id) => id === row.id);
  note(`frozen as ${row.id}; its golden: npx touchstone golden regen`);
}

async function writeRows(folder: string, rows: readonly CaseRow[], replaces: (id: string) => boolean): Promise<void> {
  const file = join(folder, 'cases.jsonl');
  const before = existsSync(file) ? readText(file, 'golden-damaged') : '';
  writeWhole(file, withRows(before, rows, replaces));
}

/** Writes networks, inputs and rows of random programs, and prints what they exercise. */
async function writeCorpus({ corpus, seed, out, json = false }: FuzzOptions): Promise<void> {
  if (seed === undefined || out === undefined)
    throw new TouchstoneError(
      'usage',
      '--corpus needs --seed and --out',
      'Give for example --corpus 312 --seed 1 --out golden.',
    );
  const count = wholeNumber('--corpus', corpus!);
  const progress = progressOn(process.stderr);
  const { rows, files, coverage } = await drawCorpus({
    count,
    seed: wholeNumber('--seed', seed),
    onProgress: (done) => progress.update(done, count, 'choosing programs'),
  }).finally(() => progress.end());
  for (const [path, content] of files) writeWhole(join(out, path), content);
  await writeRows(out, rows, (id) => id.startsWith('hooks/random-'));
  if (json)
    return printAs('fuzz-corpus', {
      programs: rows.length,
      files: [...files.keys()],
      coverage: Object.fromEntries(coverage),
    });
  print(
    ...formatTable(
      ['programs in which', ...actNames],
      hookKinds.map((kind) => tableRow(kind, coverage)),
      coloursFor(process.stdout),
      process.stdout.columns,
    ),
  );
  print('', `${counted(rows.length, 'program')} on ${counted(files.size / 3, 'network')} written to ${out}`);
}

function tableRow(kind: HookKind, coverage: ReadonlyMap<string, number>): { text: string }[] {
  return [kind, ...actNames.map((act) => String(coverage.get(`${kind} ${act}`) ?? '–'))].map((text) => ({ text }));
}

function wholeNumber(option: string, text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > maxSeed)
    throw new TouchstoneError(
      'usage',
      `${option} ${text}: must be a whole number`,
      `Give digits only, for example ${option} 1000.`,
    );
  return value;
}
