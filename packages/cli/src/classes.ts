import { maximum, TouchstoneError, unknownName, type HostTensor } from '@touchstone/contract';

export interface RankedClass {
  readonly class: number;
  readonly name: string | null;
  /** softmax over the logits */
  readonly probability: number;
}

/** The most probable classes of image n, best first. @param logits [N,classes] */
export function topClasses(
  logits: HostTensor,
  n: number,
  names: readonly string[] | undefined,
  count = 5,
): RankedClass[] {
  const classes = logits.shape[1] ?? 0;
  const row = logits.data.subarray(n * classes, (n + 1) * classes);
  const highest = maximum(row);
  const exps = Float64Array.from(row, (value) => Math.exp(value - highest));
  const total = exps.reduce((sum, value) => sum + value, 0);
  return Array.from(exps, (value, index) => ({
    class: index,
    name: names?.[index] ?? null,
    probability: value / total,
  }))
    .sort((a, b) => b.probability - a.probability)
    .slice(0, count);
}

/** Class, and the share of the pixels in which it is the likeliest. */
export interface ClassOfPixels {
  readonly class: number;
  readonly name: string | null;
  readonly share: number;
}

/** The classes that are the likeliest in most pixels of image n, best first. @param maps [N,classes,h,w] */
export function classesOfPixels(
  { shape, data }: HostTensor,
  n: number,
  names: readonly string[] | undefined,
  count = 5,
): ClassOfPixels[] {
  const [, classes, h, w] = shape as [number, number, number, number];
  const pixels = h * w;
  const counts = new Uint32Array(classes);
  for (let pixel = 0; pixel < pixels; pixel++) {
    let best = 0;
    for (let index = 1; index < classes; index++)
      if (data[(n * classes + index) * pixels + pixel]! > data[(n * classes + best) * pixels + pixel]!) best = index;
    counts[best]!++;
  }
  return Array.from(counts, (found, index) => ({ class: index, name: names?.[index] ?? null, share: found / pixels }))
    .filter(({ share }) => share > 0)
    .sort((a, b) => b.share - a.share)
    .slice(0, count);
}

/** Of image n and a class: its logit and its softmax. @param logits [N,classes] */
export function scoreOf(logits: HostTensor, n: number, index: number): { logit: number; probability: number } {
  const classes = logits.shape[1] ?? 0;
  const row = Float64Array.from(logits.data.subarray(n * classes, (n + 1) * classes));
  const logit = row[index]!;
  return { logit, probability: 1 / row.reduce((sum, value) => sum + Math.exp(value - logit), 0) };
}

/**
 * The class by index, by name, or by a part of exactly one name. @param count number of classes
 * @throws TouchstoneError `unknown-name` with the nearest names, `usage` for an ambiguous one
 */
export function classByName(asked: string, count: number, names: readonly string[] = []): number {
  if (/^\d+$/.test(asked)) {
    const index = Number(asked);
    if (index < count) return index;
    throw new TouchstoneError(
      'usage',
      `--target ${asked}: the network has classes 0 to ${count - 1}`,
      'Give one of these, or omit --target to explain the top class.',
    );
  }
  if (names.length === 0)
    throw new TouchstoneError(
      'usage',
      `--target ${JSON.stringify(asked)}: the classes of this network have no names`,
      `Give an index, 0 to ${count - 1}.`,
    );
  const lower = asked.toLowerCase();
  const exact = names.findIndex((name) => name.toLowerCase() === lower);
  if (exact >= 0) return exact;
  const holding = [...names.keys()].filter((index) => names[index]!.toLowerCase().includes(lower));
  if (holding.length === 1) return holding[0]!;
  if (holding.length === 0) throw unknownName('class', asked, names);
  const list = holding
    .slice(0, 8)
    .map((index) => `${index} ${names[index]}`)
    .join('; ');
  throw new TouchstoneError(
    'usage',
    `--target ${JSON.stringify(asked)} matches ${holding.length} classes`,
    `Give an index or a full name: ${list}${holding.length > 8 ? '; …' : ''}.`,
  );
}
