import { TouchstoneError, writeSafetensors, type Preprocess, type Stages } from '@touchstone/contract';
import type { Method } from '@touchstone/methods';
import { imagesOf, stagesDrawn, writePng } from '@touchstone/images';
import { writeWhole } from '@touchstone/system';
import { recordOf, type AnswerRecord } from './answer-record.js';
import type { ModelInput } from './model-input.js';
import { isTensors, withSuffix } from './outputs.js';

/** What is written. */
export interface Answer {
  readonly method: Method;
  readonly stages: Stages;
  readonly input: ModelInput;
  readonly preprocess: Preprocess | undefined;
  readonly record: AnswerRecord;
}

/** The stages that the files need; undefined: all. */
export function stagesFor(files: readonly string[], { image }: Method): readonly string[] | undefined {
  const isAll = image === null || files.some(isTensors);
  return isAll ? undefined : stagesDrawn(image);
}

/** Writes every file, also where another cannot be written. @throws the first error */
export async function writeAll(files: readonly string[], answer: Answer): Promise<[string, string][]> {
  const settled = await Promise.allSettled(files.map((file) => writeAttribution(file, answer)));
  return settled.flatMap((each) => {
    if (each.status === 'rejected') throw each.reason;
    return each.value;
  });
}

/** Writes `file` and the files next to it; returns every path with what it shows. Only image 0 is drawn. */
async function writeAttribution(
  file: string,
  { method, stages, input, preprocess, record }: Answer,
): Promise<[string, string][]> {
  const { x, fixtures } = input;
  if (isTensors(file)) {
    const { tensors, metadata } = recordOf(stages, method.without?.includes('image') ? undefined : x, record);
    writeWhole(file, writeSafetensors(tensors, metadata));
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
