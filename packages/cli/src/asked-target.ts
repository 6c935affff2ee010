/** The target that the user asks for, and the classes that the network sees in the image. */
import {
  plainText,
  parseJson,
  Target,
  TouchstoneError,
  type HostTensor,
  type NetworkDescription,
} from '@touchstone/contract';
import type { AskedTarget, Method } from '@touchstone/methods';
import { shapesOf } from '@touchstone/network';
import { coloursFor, formatTable } from '@touchstone/report';
import { classByName, topClasses, type RankedClass } from './classes.js';

export interface SeenImage {
  readonly image: number;
  /** The explained class; null where the target is not a class. */
  readonly target: number | null;
  readonly top: readonly RankedClass[];
  /** Of a network with several outputs: the likeliest bin of each. */
  readonly heads?: readonly { readonly head: string; readonly bin: number; readonly probability: number }[];
}

/** Images of a batch whose classes are printed; --json has all. */
const MAX_TABLES = 8;

/**
 * The target of --target: JSON, or the index or name of a class; without it each image's top class.
 *
 * @throws TouchstoneError `usage`, `unknown-name`; `bad-network` for a network without class scores
 */
export function readTarget(given: string | undefined, description: NetworkDescription, method: Method): AskedTarget {
  const { classes: names, heads } = description;
  if (given === undefined) {
    if (heads) throw severalOutputs(heads);
    if (method.makesImage)
      throw new TouchstoneError(
        'usage',
        `${method.id} needs a target: the class that its image should reach`,
        'Name a class with --target.',
      );
    return 'likeliest';
  }
  if (!given.trimStart().startsWith('{')) return { class: classByName(given, outputsOf(description), names) };
  const target = parseJson(given, Target, '--target', 'usage');
  const unknown =
    'sum' in target ? target.sum.find(({ head }) => !heads?.some(({ name }) => name === head)) : undefined;
  if (unknown)
    throw new TouchstoneError(
      'usage',
      `--target: the network has no output "${unknown.head}"`,
      heads ? `Name one of ${heads.map(({ name }) => name).join(', ')}.` : 'Give a class; the network has one output.',
    );
  return target;
}

function severalOutputs(heads: NonNullable<NetworkDescription['heads']>): TouchstoneError {
  const example = JSON.stringify({ sum: heads.map(({ name }) => ({ head: name, expectation: '3·i−90' })) });
  return new TouchstoneError(
    'usage',
    `--target is missing, and the network has several outputs: ${heads.map(({ name }) => name).join(', ')}`,
    `Give what to explain, for example --target '${example}'.`,
  );
}

/** The number of scores of an image. */
function outputsOf(description: NetworkDescription): number {
  const output = shapesOf(description, [1, ...description.input.shape])?.output ?? [];
  if (output.length === 2) return output[1]!;
  throw new TouchstoneError(
    'bad-network',
    `the network returns [${output.join(',')}], not [images, classes]`,
    'Explain a network that ends in class scores.',
  );
}

/** @param logits [N,outputs] */
export function seenIn(
  logits: HostTensor,
  target: Target,
  { classes: names, heads }: NetworkDescription,
): readonly SeenImage[] {
  return Array.from({ length: logits.shape[0]! }, (_, image) => ({
    image,
    target: classFor(target, image),
    ...(heads ? { top: [], heads: headsOf(logits, image, heads) } : { top: topClasses(logits, image, names) }),
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
  { classes: names }: NetworkDescription,
  { makesImage = false }: Method,
): string[] {
  const colours = coloursFor(process.stdout);
  const percent = (probability: number) => ({ text: `${(100 * probability).toFixed(1)} %`, right: true });
  return images.slice(0, MAX_TABLES).flatMap(({ image, target, top, heads }) => {
    const title = [
      ...(images.length > 1 ? [`image ${image}`] : []),
      ...(makesImage ? ['what the network sees in the result:'] : []),
    ];
    const table = heads
      ? formatTable(
          ['output', 'likeliest bin', 'probability'],
          heads.map(({ head, bin, probability }) => [
            { text: head },
            { text: String(bin), right: true },
            percent(probability),
          ]),
          colours,
        )
      : formatTable(
          ['class', 'name', 'probability'],
          top.map(({ class: index, name, probability }) => [
            { text: String(index), right: true },
            { text: name ?? '–' },
            percent(probability),
          ]),
          colours,
        );
    const name = target === null || names?.[target] === undefined ? '' : `, ${plainText(names[target])}`;
    const missed = makesImage && target !== null && top[0]?.class !== target ? ' (not the top class)' : '';
    const wanted = target === null ? 'the target as given' : `class ${target}${name}${missed}`;
    return title.concat(table, `${makesImage ? 'target' : 'explained'}: ${wanted}`, '');
  });
}
