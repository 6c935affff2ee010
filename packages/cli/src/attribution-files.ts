import { extname } from 'node:path';
import { TouchstoneError, writeSafetensors, type Preprocess, type Stages } from '@touchstone/contract';
import type { Method } from '@touchstone/methods';
import { imagesOf, stagesDrawn, writePng } from '@touchstone/images';
import { checkWritable, writeWhole } from '@touchstone/system';
import type { ModelInput } from './model-input.js';

/** Before the run. @throws TouchstoneError `usage` for an unknown extension; as `checkWritable` */
export function checkOutputs(files: readonly string[]): void {
  const bad = files.find((file) => !['.png', '.safetensors'].includes(extname(file).toLowerCase()));
  if (bad !== undefined)
    throw new TouchstoneError(
      'usage',
      `--out ${bad} ends neither in .png nor in .safetensors`,
      'Use .png for an image, .safetensors for tensors.',
    );
  for (const file of files) checkWritable(file);
}

/** The stages that the files need; undefined: all. */
export function stagesFor(files: readonly string[], { image }: Method): readonly string[] | undefined {
  const isAll = image === null || files.some((file) => extname(file).toLowerCase() === '.safetensors');
  return isAll ? undefined : stagesDrawn(image);
}

/** Writes `file` and the files next to it; returns every path with what it shows. Only image 0 is drawn. */
export async function writeAttribution(
  file: string,
  method: Method,
  stages: Stages,
  { x, fixtures }: ModelInput,
  preprocess: Preprocess | undefined,
): Promise<[string, string][]> {
  if (extname(file).toLowerCase() === '.safetensors') {
    writeWhole(file, writeSafetensors(stages));
    return [[file, `stages ${Object.keys(stages).join(', ')}`]];
  }
  const images = method.image === null ? [] : await imagesOf(method.image, { stages, x, fixtures, preprocess });
  if (images.length === 0)
    throw new TouchstoneError(
      'usage',
      `--out ${file}: no stage of the answer is a map, so it cannot be drawn`,
      'Write the numbers with --out FILE.safetensors.',
    );
  const written: [string, string][] = [];
  for (const { suffix, caption, image } of images) {
    const path = suffix === null ? file : withSuffix(file, suffix);
    await writePng(path, image);
    written.push([path, caption]);
  }
  return written;
}

/** FILE.png, "map" → FILE.map.png */
export function withSuffix(file: string, suffix: string): string {
  return `${file.slice(0, -extname(file).length)}.${suffix}.png`;
}
