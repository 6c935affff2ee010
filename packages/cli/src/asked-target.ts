/** The target that the user asks for, and the classes that the network sees in the image. */
import {
  headsIn,
  plainText,
  parseJson,
  Target,
  TouchstoneError,
  type HostTensor,
  type NetworkDescription,
} from '@touchstone/contract';
import { noLikeliest, type AskedTarget, type Method } from '@touchstone/methods';
import { shapesOf } from '@touchstone/network';
import { coloursFor, formatTable } from '@touchstone/report';
import { classByName, classesOfPixels, topClasses, type ClassOfPixels, type RankedClass } from './classes.js';
import { targetText } from './target-text.js';

export interface SeenImage {
  readonly image: number;
  /** The explained class; null where the target is not a class. */
  readonly target: number | null;
  readonly top: readonly RankedClass[];
  /** Of a network with several outputs: the likeliest bin of each. */
  readonly heads?: readonly { readonly head: string; readonly bin: number; readonly probability: number }[];
  /** Of a network that returns maps: the classes that are the likeliest in most pixels. */
  readonly pixels?: readonly ClassOfPixels[];
  /** Of a network with one output, such as a regression: its value. */
  readonly value?: number;
}

/** Images of a batch whose classes are printed; --json has all. */
const MAX_TABLES = 8;

/**
 * The target of --target: JSON, or the index or name of a class; without it each image's top class.
 *
 * @throws TouchstoneError `usage`, `unknown-name`; `bad-network` for a network without scores of classes
 */
export function readTarget(given: string | undefined, description: NetworkDescription, method: Method): AskedTarget {
  const { classes: names, heads } = description;
  if (given === undefined) {
    if (heads) throw severalOutputs(heads);
    const output = outputOf(description);
    if (output.length === 4) {
      const { message, hint } = noLikeliest(output);
      throw new TouchstoneError('usage', `--target is missing: ${message}`, hint);
    }
    if (method.makesImage)
      throw new TouchstoneError(
        'usage',
        `${method.id} needs a target: the class that its image should reach`,
        'Name a class with --target.',
      );
    return 'likeliest';
  }
  if (!given.trimStart().startsWith('{')) return { class: classByName(given, classesOf(description), names) };
  const target = parseJson(given, Target, '--target', 'usage');
  const unknown = headsIn(target).find((head) => !heads?.some(({ name }) => name === head));
  if (unknown === undefined) return target;
  throw new TouchstoneError(
    'usage',
    `--target: the network has no output "${unknown}"`,
    heads ? `Name one of ${heads.map(({ name }) => name).join(', ')}.` : 'Give a class; the network has one output.',
  );
}

function severalOutputs(heads: NonNullable<NetworkDescription['heads']>): TouchstoneError {
  const example = JSON.stringify({ sum: heads.map(({ name }) => ({ head: name, expectation: '3·i−90' })) });
  return new TouchstoneError(
    'usage',
    `--target is missing, and the network has several outputs: ${heads.map(({ name }) => name).join(', ')}`,
    `Give what to explain, for example --target '${example}'.`,
  );
}

/** The shape of the output for one image; empty where it is not known. */
const outputOf = (description: NetworkDescription): readonly number[] =>
  shapesOf(description, [1, ...description.input.shape])?.output ?? [];

/** The number of scores of an image, or of each pixel of its map. */
function classesOf(description: NetworkDescription): number {
  const output = outputOf(description);
  if (output.length === 2 || output.length === 4) return output[1]!;
  throw new TouchstoneError(
    'bad-network',
    `the network returns [${output.join(',')}], not scores [images, classes] or maps [images, classes, height, width]`,
    'Explain a network that returns one of these; activations and filter-visualization take any.',
  );
}

/** @param logits [N,outputs], or maps [N,outputs,h,w] */
export function seenIn(
  logits: HostTensor,
  target: Target,
  { classes: names, heads }: NetworkDescription,
): readonly SeenImage[] {
  const seen = (image: number): Omit<SeenImage, 'image' | 'target'> => {
    if (logits.shape[1] === 1 && logits.shape.length === 2)
      return { top: topClasses(logits, image, names), value: logits.data[image]! };
    if (logits.shape.length === 2)
      return heads ? { top: [], heads: headsOf(logits, image, heads) } : { top: topClasses(logits, image, names) };
    return logits.shape.length === 4 && !heads
      ? { top: [], pixels: classesOfPixels(logits, image, names) }
      : { top: [] };
  };
  return Array.from({ length: logits.shape[0]! }, (_, image) => ({
    image,
    target: classFor(target, image),
    ...seen(image),
  }));
}

function classFor(target: Target, image: number): number | null {
  if (!('class' in target)) return null;
  return Array.isArray(target.class) ? target.class[image]! : target.class;
}

function headsOf(
  logits: HostTensor,
  n: number,
  heads: NonNullable<NetworkDescription['heads']>,
): NonNullable<SeenImage['heads']> {
  const width = logits.shape[1]!;
  let column = 0;
  return heads.map(({ name, size }) => {
    const row = { shape: [1, size], data: logits.data.slice(n * width + column, n * width + column + size) };
    column += size;
    const [{ class: bin, probability }] = topClasses(row, 0, undefined, 1) as [RankedClass];
    return { head: name, bin, probability };
  });
}

/** What the network sees in the images, or in those that the method makes of them. */
export function describe(
  images: readonly SeenImage[],
  { classes: names, heads: severalOutputs }: NetworkDescription,
  { makesImage = false }: Method,
  asked: Target,
): string[] {
  return images.slice(0, MAX_TABLES).flatMap(({ image, target, ...seen }) => {
    const title = [
      ...(images.length > 1 ? [`image ${image}`] : []),
      ...(makesImage ? ['what the network sees in the result:'] : []),
    ];
    const name =
      target === null || severalOutputs || names?.[target] === undefined ? '' : `, ${plainText(names[target])}`;
    const missed = makesImage && target !== null && seen.top[0]?.class !== target ? ' (not the top class)' : '';
    const wanted = targetText(asked, `class ${target}${name}`) + missed;
    return title.concat(tableOf(seen), `${makesImage ? 'target' : 'explained'}: ${wanted}`, '');
  });
}

function tableOf({ top, heads, pixels, value }: Omit<SeenImage, 'image' | 'target'>): string[] {
  const colours = coloursFor(process.stdout);
  const percent = (probability: number) => ({ text: `${(100 * probability).toFixed(1)} %`, right: true });
  const ofClasses = (measure: string, rows: readonly (readonly [number, string | null, number])[]) =>
    formatTable(
      ['class', 'name', measure],
      rows.map(([index, name, share]) => [{ text: String(index), right: true }, { text: name ?? '–' }, percent(share)]),
      colours,
    );
  if (pixels)
    return ofClasses(
      'likeliest in',
      pixels.map(({ class: index, name, share }) => [index, name, share]),
    );
  if (heads)
    return formatTable(
      ['output', 'likeliest bin', 'probability'],
      heads.map(({ head, bin, probability }) => [
        { text: head },
        { text: String(bin), right: true },
        percent(probability),
      ]),
      colours,
    );
  if (value !== undefined) return [`output: ${Number(value.toPrecision(4))}`];
  if (top.length === 0) return [];
  return ofClasses(
    'probability',
    top.map(({ class: index, name, probability }) => [index, name, probability]),
  );
}
