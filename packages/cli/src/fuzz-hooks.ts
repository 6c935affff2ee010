import { findBackend } from '@touchstone/backends';
import { counted, hookKinds, type HookKind } from '@touchstone/contract';
import {
  actNames,
  drawCorpus,
  fuzzHooks,
  hookCase,
  inWords,
  ourTrace,
  printPython,
  printTypeScript,
  pytorchRequest,
  replayHooks,
  settingFiles,
  type HookDisagreement,
  type HookFuzzResult,
} from '@touchstone/fuzz';
import { coloursFor, formatTable, progressOn } from '@touchstone/report';
import { writeWhole } from '@touchstone/system';
import { join } from 'node:path';
import {
  checkFreeze,
  freezeCase,
  pythonOption,
  reportOf,
  runOf,
  startPyTorch,
  writeRows,
  type FuzzOptions,
} from './fuzz-run.js';
import { untilInterrupted } from './interrupt.js';
import { printAs } from './json-outputs.js';
import { print } from './output.js';

export interface FuzzHooksOptions extends FuzzOptions {
  readonly python?: string;
  readonly corpus?: number;
  readonly out?: string;
}

/** Exit status 0 no disagreement · 1 a disagreement · 4 no PyTorch. */
export async function runFuzzHooks(options: FuzzHooksOptions): Promise<void> {
  await findBackend('float64').open();
  if (options.corpus !== undefined) return writeCorpus(options);
  const name = checkFreeze(options, 'hooks');
  const { seed, runs } = runOf(options);
  const started = Date.now();
  const { torch, result } = await untilInterrupted((signal) => againstPyTorch(options, { seed, runs, signal }));
  const { scenes, counts, disagreement } = result;
  const { stages = 0 } = counts;
  if (disagreement) process.exitCode = 1;
  if (options.json)
    printAs('fuzz', {
      torch,
      seed,
      programs: scenes,
      stages,
      milliseconds: Date.now() - started,
      disagreement: disagreement && withCode(disagreement),
    });
  else if (!disagreement)
    print(
      coloursFor(process.stdout).green(
        `${counted(scenes, 'program')}, ${counted(stages, 'stage')}: the same as PyTorch ${torch} (seed ${seed})`,
      ),
    );
  else
    print(
      ...reportOf({
        heading: `program ${scenes} differs from PyTorch ${torch}`,
        disagreement,
        command: `hooks${pythonOption(options.python)}`,
        python: printPython(disagreement.scene),
        typescript: printTypeScript(disagreement.scene),
      }),
    );
  if (disagreement && name !== undefined) await freeze(disagreement, name, options.golden);
}

async function againstPyTorch(
  { python, path }: FuzzHooksOptions,
  { seed, runs, signal }: { seed: number; runs: number; signal: AbortSignal },
): Promise<{ torch: string; result: HookFuzzResult }> {
  const live = await startPyTorch(python, signal);
  const progress = progressOn(process.stderr);
  try {
    const { torch } = live;
    const pytorch = (scenes: readonly HookDisagreement['scene'][]) => live.explain(scenes.map(pytorchRequest));
    if (path !== undefined) return { torch, result: await replayHooks({ pytorch }, seed, path) };
    return {
      torch,
      result: await fuzzHooks(
        { pytorch },
        {
          runs,
          seed,
          signal,
          onProgress: (done, { stages = 0 }) => progress.update(done, runs, `${stages} stages agree`),
          onShrink: (done) => progress.update(done, runs, 'shrinking a disagreement'),
        },
      ),
    };
  } finally {
    progress.end();
    await live.close();
  }
}

function withCode({ scene, ...disagreement }: HookDisagreement) {
  const { description, target, program } = scene;
  const code = { python: printPython(scene), typescript: printTypeScript(scene) };
  return { ...disagreement, description, target, program, ...code };
}

async function freeze({ scene, difference }: HookDisagreement, name: string, golden: string): Promise<void> {
  const trace = await ourTrace(scene).catch(() => ({}));
  const why = `found by fuzzing: ${inWords(scene.program, scene.description, trace)}`;
  const files = settingFiles(scene, name, `found by fuzzing: ${difference.split('\n', 1)[0]}`);
  freezeCase(golden, files, hookCase(scene, { id: name, name, why }));
}

/** Writes networks, inputs and rows of random programs, and prints what they exercise. */
async function writeCorpus({ corpus, seed, out, json = false }: FuzzHooksOptions): Promise<void> {
  const [count, folder] = [corpus!, out!];
  const progress = progressOn(process.stderr);
  const { rows, files, coverage } = await drawCorpus({
    count,
    seed: seed!,
    onProgress: (done) => progress.update(done, count, 'choosing programs'),
  }).finally(() => progress.end());
  for (const [path, content] of files) writeWhole(join(folder, path), content);
  writeRows(folder, rows, (id) => id.startsWith('hooks/random-'));
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
  print('', `${counted(rows.length, 'program')} on ${counted(files.size / 3, 'network')} written to ${folder}`);
}

function tableRow(kind: HookKind, coverage: ReadonlyMap<string, number>): { text: string }[] {
  return [kind, ...actNames.map((act) => String(coverage.get(`${kind} ${act}`) ?? '–'))].map((text) => ({ text }));
}
