import { findBackend } from '@touchstone/backends';
import { counted, TouchstoneError, writeSafetensors } from '@touchstone/contract';
import {
  caseRow,
  fuzzMethods,
  openMethodEngines,
  printMethodInPython,
  printMethodInTypeScript,
  replayMethods,
  settingFiles,
  type Decision,
  type LivePyTorch,
  type MethodDisagreement,
  type MethodFuzzResult,
} from '@touchstone/fuzz';
import { coloursFor, progressOn } from '@touchstone/report';
import { checkFreeze, freezeCase, pythonOption, reportOf, runOf, startPyTorch, type FuzzOptions } from './fuzz-run.js';
import { untilInterrupted } from './interrupt.js';
import { printAs } from './json-outputs.js';
import { note, print } from './output.js';

export interface FuzzMethodsOptions extends FuzzOptions {
  readonly backend: string;
  /** false: without PyTorch. */
  readonly python?: string | false;
}

/** Exit status 0 no disagreement · 1 a disagreement · 4 a backend is unavailable. */
export async function runFuzzMethods(options: FuzzMethodsOptions): Promise<void> {
  const backend = findBackend(options.backend).id;
  const name = checkFreeze(options, 'random');
  const { seed, runs } = runOf(options);
  const started = Date.now();
  const { torch, result } = await untilInterrupted(async (signal) => {
    const live = await pytorchFor(options, signal);
    try {
      return { torch: live?.torch ?? null, result: await onBackend(backend, live, options, { seed, runs, signal }) };
    } finally {
      await live?.close();
    }
  });
  const { scenes, counts, disagreement } = result;
  if (disagreement) process.exitCode = 1;
  if (options.json)
    printAs('fuzz-methods', {
      backend,
      torch,
      seed,
      cases: scenes,
      decisions: counts,
      milliseconds: Date.now() - started,
      disagreement: disagreement && withCode(disagreement, backend),
    });
  else {
    const colours = coloursFor(process.stdout);
    if (disagreement)
      print(
        ...reportOf({
          heading: `case ${scenes}, ${disagreement.scene.method}, is a disagreement`,
          disagreement,
          command: `methods --backend ${backend}${pythonOption(options.python)}`,
          python: printMethodInPython(disagreement.scene),
          typescript: printMethodInTypeScript(disagreement.scene, backend),
        }),
        '',
      );
    const agreed = scenes - (disagreement ? 1 : 0);
    print(
      `${counted(agreed, 'case')} on ${backend} agree${agreed === 1 ? 's' : ''} with float64` +
        `${torch === null ? '' : ` and PyTorch ${torch}`} (seed ${seed})`,
      ...Object.entries(counts).map(([decision, count]) =>
        colours.dim(`${String(count).padStart(7)} ${meanings[decision as Decision]}`),
      ),
    );
  }
  if (disagreement && name !== undefined) freeze(disagreement, name, options.golden);
}

const meanings: Readonly<Record<Decision, string>> = {
  close: 'within 128 unit roundoffs of the largest value of each stage',
  switchPoints: "so with the backend's own decisions at switch points",
  rounding: 'within 16 times what rounding each weight and pixel once changes',
  float64: 'where rounding in float64 decides',
  refused: 'refused by all',
};

/** null: there is none, which is said unless it was not wanted. @throws TouchstoneError where it was asked for */
async function pytorchFor({ python, backend }: FuzzMethodsOptions, signal: AbortSignal): Promise<LivePyTorch | null> {
  const alone = backend === 'float64';
  if (python === false) {
    if (!alone) return null;
    throw new TouchstoneError('usage', 'float64 can only be compared with PyTorch', 'Omit --no-python.');
  }
  try {
    return await startPyTorch(python, signal);
  } catch (error) {
    if (alone || python !== undefined || !(error instanceof TouchstoneError)) throw error;
    note(`${error.message}; only with float64. ${error.hint ?? ''}`);
    return null;
  }
}

async function onBackend(
  backend: string,
  live: LivePyTorch | null,
  { path }: FuzzMethodsOptions,
  { seed, runs, signal }: { seed: number; runs: number; signal: AbortSignal },
): Promise<MethodFuzzResult> {
  const { engines, close } = await openMethodEngines(backend, signal);
  const progress = progressOn(process.stderr);
  const start = performance.now();
  try {
    const contestants = { engines, pytorch: live && ((scenes) => live.explain(scenes)) } satisfies Parameters<
      typeof fuzzMethods
    >[0];
    if (path !== undefined) return await replayMethods(contestants, seed, path);
    return await fuzzMethods(contestants, {
      runs,
      seed,
      signal,
      onProgress: (done) => {
        const secondsLeft = ((performance.now() - start) / 1000 / done) * (runs - done);
        progress.update(done, runs, `cases agree on ${backend}`, secondsLeft);
      },
      onShrink: (done) => progress.update(done, runs, 'shrinking a disagreement'),
    });
  } finally {
    progress.end();
    await close();
  }
}

function withCode({ scene, ...disagreement }: MethodDisagreement, backend: string) {
  const { description, target, method, params } = scene;
  const code = { python: printMethodInPython(scene), typescript: printMethodInTypeScript(scene, backend) };
  return { ...disagreement, description, target, method, params, ...code };
}

function freeze({ scene, difference }: MethodDisagreement, name: string, golden: string): void {
  const { method, target, params, fixtures } = scene;
  const why = `found by fuzzing: ${difference.split('\n', 1)[0]!}`;
  const hasFixtures = Object.keys(fixtures).length > 0;
  const files = new Map(settingFiles(scene, name, why));
  if (hasFixtures) files.set(`fixtures/${name}.safetensors`, writeSafetensors(fixtures));
  const fixture = hasFixtures ? { fixture: name } : {};
  freezeCase(golden, files, caseRow({ id: `${method}/${name}`, name, method, target, params, why, ...fixture }));
}
