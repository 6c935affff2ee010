/** What `touchstone fuzz hooks` and `touchstone fuzz methods` share. */
import { randomInt } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CaseRow, counted, Name, parseJsonLines, TouchstoneError } from '@touchstone/contract';
import { LivePyTorch, withRows, type SceneDisagreement } from '@touchstone/fuzz';
import { coloursFor } from '@touchstone/report';
import { checkWritable, pythonHint, pythonPath, readText, whichPython, writeWhole } from '@touchstone/system';
import { checkPath, maxSeed, refuseZero, repository, requireClone } from './options.js';
import { note } from './output.js';

export interface FuzzOptions {
  readonly runs: number;
  readonly seed?: number;
  readonly path?: string;
  readonly freeze?: string;
  readonly json?: boolean;
  readonly golden: string;
}

/** @throws TouchstoneError `usage` */
export function runOf({ runs, seed = randomInt(maxSeed), path }: FuzzOptions): { seed: number; runs: number } {
  refuseZero('--runs', runs, 1000);
  if (path !== undefined) checkPath(path);
  else note(`seed ${seed}`); // what an interrupted run would not say
  return { seed, runs };
}

/** Ends with the signal. @throws TouchstoneError `backend-unavailable` */
export async function startPyTorch(python: string | undefined, signal: AbortSignal): Promise<LivePyTorch> {
  requireClone('the comparison with a live PyTorch');
  try {
    const env = { ...pythonPath(join(repository, 'tools', 'golden')), OMP_NUM_THREADS: '1' };
    const args = ['-m', 'touchstone_golden.explain_server'];
    return await LivePyTorch.start({ command: whichPython(python), args, env }, signal);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new TouchstoneError('backend-unavailable', `no PyTorch to compare with: ${why}`, pythonHint);
  }
}

/**
 * The name of the network and input that `--freeze` writes; undefined: nothing is kept.
 *
 * @throws TouchstoneError `usage`
 */
export function checkFreeze({ freeze, golden }: FuzzOptions, folder: 'hooks' | 'random'): string | undefined {
  if (freeze === undefined) return undefined;
  const name = `${folder}/${freeze}`;
  if (freeze.includes('/') || !Name.safeParse(name).success)
    throw new TouchstoneError(
      'usage',
      `--freeze ${JSON.stringify(freeze)} is not a valid name`,
      'Use only letters, digits, ".", "_" and "-".',
    );
  if (existsSync(join(golden, 'networks', name)))
    throw new TouchstoneError('usage', `--freeze ${freeze}: the network ${name} exists already`, 'Give another name.');
  const file = join(golden, 'cases.jsonl');
  checkWritable(file);
  if (existsSync(file)) parseJsonLines(readText(file, 'golden-damaged'), CaseRow, file);
  return name;
}

interface Report {
  /** What disagrees. */
  readonly heading: string;
  readonly disagreement: Omit<SceneDisagreement<unknown>, 'scene'>;
  /** Of the command that found it, such as "hooks --python ./python". */
  readonly command: string;
  readonly python: string;
  readonly typescript: string;
}

/** A disagreement, for people. */
export function reportOf({ heading, disagreement, command, python, typescript }: Report): string[] {
  const { difference, seed, path, shrinks } = disagreement;
  const colours = coloursFor(process.stdout);
  return [
    colours.red(`✗ ${heading}; shrunk ${counted(shrinks, 'time')}`),
    ...difference.split('\n').map((line) => `  ${line}`),
    `  replay: npx touchstone fuzz ${command} --seed ${seed} --path ${path}`,
    '',
    colours.bold('In PyTorch:'),
    '',
    python,
    colours.bold('In TypeScript:'),
    '',
    typescript,
  ];
}

/** The option that names the Python again. */
export function pythonOption(python: string | false | undefined): string {
  return python === false ? ' --no-python' : python === undefined ? '' : ` --python ${python}`;
}

/** Writes all files of a case except its golden. */
export function freezeCase(golden: string, files: ReadonlyMap<string, string | Uint8Array>, row: CaseRow): void {
  for (const [path, content] of files) writeWhole(join(golden, path), content);
  writeRows(golden, [row], (id) => id === row.id);
  note(`frozen as ${row.id}; its golden: npx touchstone golden regen`);
}

export function writeRows(folder: string, rows: readonly CaseRow[], replaces: (id: string) => boolean): void {
  const file = join(folder, 'cases.jsonl');
  const before = existsSync(file) ? readText(file, 'golden-damaged') : '';
  writeWhole(file, withRows(before, rows, replaces));
}
