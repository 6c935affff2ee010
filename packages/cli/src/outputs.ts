/** Where results may be written: checked before anything runs, so that no file is lost. */
import { realpathSync, statSync } from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { TouchstoneError } from '@touchstone/contract';
import { suffixesOf } from '@touchstone/images';
import type { Method } from '@touchstone/methods';
import { checkWritable } from '@touchstone/system';

/** The longest suffix apart from the names of layers. */
const LONG_SUFFIX = 'difference-x10';

/** @throws TouchstoneError `usage` for an unknown extension; as `checkWritable` */
export function checkOutputs(files: readonly string[]): void {
  const bad = files.find((file) => !isImage(file) && !isTensors(file));
  if (bad !== undefined)
    throw new TouchstoneError(
      'usage',
      `--out ${bad} ends neither in .png nor in .safetensors`,
      'Use .png for an image, .safetensors for tensors.',
    );
  for (const file of files) {
    checkWritable(file);
    if (isImage(file)) checkWritable(withSuffix(file, LONG_SUFFIX));
  }
}

/**
 * @param sources the files that the answer is made from, which may not exist
 * @throws TouchstoneError `usage` where an output, or a file that is written next to it, is a source or another output
 */
export function checkNothingIsLost(
  files: readonly string[],
  method: Pick<Method, 'image' | 'iterated'>,
  sources: readonly string[],
): void {
  for (const [i, file] of files.entries()) {
    const written = writtenFor(file, method, i === 0);
    const source = sources.find(written);
    if (source !== undefined)
      throw new TouchstoneError(
        'usage',
        `--out ${file} would overwrite ${source}, from which the answer is made`,
        'Give another --out.',
      );
    const other = files.find((each, j) => j !== i && written(each));
    if (other !== undefined)
      throw new TouchstoneError(
        'usage',
        `--out ${file} and --out ${other} would write the same file`,
        'Give each output a name of its own.',
      );
  }
}

/** @param files option → path. @throws TouchstoneError `usage` where two of them are the same file */
export function checkDistinct(files: Readonly<Record<string, string | undefined>>): void {
  const given = Object.entries(files).filter((each): each is [string, string] => each[1] !== undefined);
  for (const [i, [option, path]] of given.entries()) {
    const same = given.slice(i + 1).find(([, other]) => located(other) === located(path) || isSameFile(path, other));
    if (same !== undefined)
      throw new TouchstoneError('usage', `${option} ${path} is also ${same[0]}`, `Give another file with ${option}.`);
  }
}

export function isImage(file: string): boolean {
  return extname(file).toLowerCase() === '.png';
}

export function isTensors(file: string): boolean {
  return extname(file).toLowerCase() === '.safetensors';
}

/** FILE.png, "map" → FILE.map.png */
export function withSuffix(file: string, suffix: string): string {
  return `${stemOf(file)}.${suffix}.png`;
}

/** FILE.png → FILE.unfinished.safetensors */
export function unfinishedOf(file: string): string {
  return `${stemOf(file)}.unfinished.safetensors`;
}

function stemOf(file: string): string {
  return file.slice(0, -extname(file).length);
}

/** Whether a path is written for the output `file`: the file itself, images and states next to it. */
function writtenFor(
  file: string,
  { image, iterated }: Pick<Method, 'image' | 'iterated'>,
  isFirst: boolean,
): (path: string) => boolean {
  const own = located(file);
  const state = iterated && isFirst ? located(unfinishedOf(file)) : undefined;
  const suffixes = [...(iterated ? [/^step-\d+$/] : []), ...(image === null ? [] : [suffixesOf[image]])];
  const start = `${stemOf(own)}.`;
  return (path) => {
    const at = located(path);
    if (at === own || at === state || isSameFile(file, path)) return true;
    const suffix = isImage(file) && at.startsWith(start) && at.endsWith('.png') ? at.slice(start.length, -4) : null;
    return suffix !== null && suffixes.some((pattern) => pattern.test(suffix));
  };
}

/** The absolute path; links among its folders are followed, as far as these exist. */
function located(path: string): string {
  const folder = dirname(resolve(path));
  try {
    return join(realpathSync(folder), basename(path));
  } catch {
    return resolve(path);
  }
}

/** Also where one is a link to the other. */
function isSameFile(a: string, b: string): boolean {
  const [one, two] = [a, b].map((path) => statSync(path, { throwIfNoEntry: false }));
  return one !== undefined && two !== undefined && one.dev === two.dev && one.ino === two.ino;
}
