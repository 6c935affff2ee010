import { TouchstoneError, writeSafetensors, type NetworkDescription, type Stages } from '@touchstone/contract';
import type { Method } from '@touchstone/methods';
import { imagesOf, isScaledDown, stagesDrawn, writePng, type Figure, type FigureStyle } from '@touchstone/images';
import { writeWhole } from '@touchstone/system';
import { recordOf, type AnswerRecord } from './answer-record.js';
import { withElapsedTime } from './elapsed.js';
import { drawnOf, type Drawn } from './figures.js';
import type { ModelInput } from './model-input.js';
import { isTensors, withSuffix } from './outputs.js';

/** A photograph of more takes seconds to draw and to compress. */
const MANY_PIXELS = 4e6;

/** What is written. */
export interface Answer {
  readonly method: Method;
  readonly stages: Stages;
  readonly input: ModelInput;
  readonly network: NetworkDescription;
  readonly record: AnswerRecord;
  /** Left out: the method's own images are drawn. */
  readonly figure: { style: FigureStyle; draw: () => Promise<Figure> } | undefined;
}

export interface Written {
  readonly file: string;
  readonly what: string;
  readonly drawn?: Drawn;
}

/** The stages that the files need; undefined: all. */
export function stagesFor(files: readonly string[], { image }: Method): readonly string[] | undefined {
  const isAll = image === null || files.some(isTensors);
  return isAll ? undefined : stagesDrawn(image);
}

/** Writes every file, also where another cannot be written. @throws the first error */
export async function writeAll(files: readonly string[], answer: Answer): Promise<Written[]> {
  const settled = await Promise.allSettled(files.map((file) => writeAttribution(file, answer)));
  return settled.flatMap((each) => {
    if (each.status === 'rejected') throw each.reason;
    return each.value;
  });
}

/** Writes `file` and the files next to it. Only image 0 is drawn. */
async function writeAttribution(
  file: string,
  { method, stages, input, network, record, figure }: Answer,
): Promise<Written[]> {
  const { x, fixtures } = input;
  if (isTensors(file)) {
    const { tensors, metadata } = recordOf(stages, method.without?.includes('image') ? undefined : x, record);
    writeWhole(file, writeSafetensors(tensors, metadata));
    return [{ file, what: `stages ${Object.keys(stages).join(', ')}` }];
  }
  if (figure) {
    const { style } = figure;
    const subject = { ...input, network };
    const draw = async () => {
      const { image, bars } = await figure.draw();
      await writePng(file, image);
      return bars;
    };
    const { width, height } = subject.photo ?? { width: 0, height: 0 };
    const bars = await (width * height > MANY_PIXELS ? withElapsedTime(`drawing ${file}`, draw) : draw());
    const over = isScaledDown(subject) ? 'the map over the photograph, scaled down' : 'the map over the photograph';
    const what = style.overlay ? over : style.legend ? 'the answer with a legend' : 'the map alone';
    return [{ file, what, ...(bars[0] && { drawn: drawnOf(bars[0]) }) }];
  }
  const images =
    method.image === null ? [] : await imagesOf(method.image, { stages, x, fixtures, preprocess: network.preprocess });
  if (images.length === 0)
    throw new TouchstoneError(
      'usage',
      `--out ${file}: no stage of the answer is a map, so it cannot be drawn`,
      'Write the numbers with --out FILE.safetensors.',
    );
  const written: Written[] = [];
  for (const { suffix, caption, image } of images) {
    const path = suffix === null ? file : withSuffix(file, suffix);
    await writePng(path, image);
    written.push({ file: path, what: caption });
  }
  return written;
}
