/** What the user asks to have explained, and what the network sees in the image. */
import { parseJson, Target, TouchstoneError, type HostTensor, type NetworkDescription } from '@touchstone/contract';
import { clean, coloursFor, formatTable } from '@touchstone/report';
import { classByName, topClasses, type RankedClass } from './classes.js';

interface SeenImage {
  readonly image: number;
  /** The class that is explained; null where the target is none. */
  readonly target: number | null;
  readonly top: readonly RankedClass[];
  /** Of a network with several outputs: the likeliest bin of each. */
  readonly heads?: readonly { readonly head: string; readonly bin: number; readonly probability: number }[];
}

export interface Described {
  readonly images: readonly SeenImage[];
}

/** Images of a batch whose classes are printed; --json has all. */
const MAX_TABLES = 8;

/** A target written as JSON, else what stands for a class. @throws TouchstoneError `usage`, `bad-input` */
export function checkAsked(asked: string | undefined, { heads }: NetworkDescription): Target | string | undefined {
  if (asked?.trimStart().startsWith('{')) {
    const target = parseJson(asked, Target, '--target', 'usage');
    const unknown =
      'sum' in target ? target.sum.find(({ head }) => !heads?.some(({ name }) => name === head)) : undefined;
    if (unknown)
      throw new TouchstoneError(
        'usage',
        `--target: the network has no output "${unknown.head}"`,
        heads ? `It has ${heads.map(({ name }) => name).join(', ')}.` : 'It has one output; give a class.',
      );
    return target;
  }
  if (asked === undefined && heads) {
    const example = JSON.stringify({ sum: heads.map(({ name }) => ({ head: name, expectation: '3·i−90' })) });
    throw new TouchstoneError(
      'usage',
      `the network has several outputs: ${heads.map(({ name }) => name).join(', ')}`,
      `Say what to explain, for example --target '${example}'.`,
    );
  }
  return asked;
}

/** @param logits [N,classes] */
export function targetFor(
  asked: Target | string | undefined,
  logits: HostTensor,
  { classes: names, heads }: NetworkDescription,
): { target: Target; described: Described } {
  const [count, classes] = logits.shape as [number, number];
  const images = Array.from({ length: count }, (_, image) => image);
  const each =
    typeof asked === 'object'
      ? null
      : images.map((n) =>
          asked === undefined ? topClasses(logits, n, undefined, 1)[0]!.class : classByName(asked, classes, names),
        );
  const target = typeof asked === 'object' ? asked : { class: count === 1 ? each![0]! : each! };
  const described = images.map((image): SeenImage => {
    const explained = each?.[image] ?? null;
    return heads
      ? { image, target: explained, top: [], heads: headsOf(logits, image, heads) }
      : { image, target: explained, top: topClasses(logits, image, names) };
  });
  return { target, described: { images: described } };
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

export function describe({ images }: Described, { classes: names }: NetworkDescription): string[] {
  const colours = coloursFor(process.stdout);
  const percent = (probability: number) => ({ text: `${(100 * probability).toFixed(1)} %`, right: true });
  return images.slice(0, MAX_TABLES).flatMap(({ image, target, top, heads }) => {
    const title = images.length > 1 ? [`image ${image}`] : [];
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
    const explained =
      target === null
        ? 'explained: the target as given'
        : `explained: class ${target}${names?.[target] === undefined ? '' : `, ${clean(names[target])}`}`;
    return title.concat(table, explained, '');
  });
}
