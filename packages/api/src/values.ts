/** Numbers as programs have them. */
import { TouchstoneError, valuesIn, type HostTensor } from '@touchstone/contract';

/** A dense tensor, row-major. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

/** A tensor of TensorFlow.js, of whichever version; it is not disposed. */
export interface TensorflowTensor {
  readonly shape: readonly number[];
  data(): Promise<ArrayLike<number>>;
}

export type NestedNumbers = readonly (number | NestedNumbers)[];

/** Without a shape, the numbers have the right one, in their order. */
export type Values = Tensor | TensorflowTensor | Float32Array | Float64Array | NestedNumbers;

/** A map, or stages by their names. */
export type Answer = Values | Readonly<Record<string, Values>>;

/** Of images and of stages with four dimensions. */
export type Layout = 'NCHW' | 'NHWC';

/** `shape` is null where only the numbers are known. */
export interface ReadValues {
  readonly shape: readonly number[] | null;
  readonly data: HostTensor['data'];
}

const maxDimensions = 16;

/** @param only the stage that values without a name are @throws TouchstoneError `bad-tensors` */
export async function readAnswer(answer: Answer, only = 'attribution'): Promise<Record<string, ReadValues>> {
  if (!isStages(answer)) return { [only]: await readValues(answer, `"${only}"`) };
  const read: Record<string, ReadValues> = {};
  for (const [name, values] of Object.entries(answer)) read[name] = await readValues(values, `"${name}"`);
  return read;
}

function isStages(answer: Answer): answer is Readonly<Record<string, Values>> {
  const isObject = typeof answer === 'object' && answer !== null;
  return isObject && !Array.isArray(answer) && !ArrayBuffer.isView(answer) && !('shape' in answer);
}

/** @param what for errors, such as "x" @throws TouchstoneError `bad-tensors` */
export async function readValues(values: Values, what: string): Promise<ReadValues> {
  if (isTyped(values)) return { shape: null, data: values };
  if (Array.isArray(values)) return fromNested(values as NestedNumbers, what);
  const { shape } = (values ?? {}) as Tensor;
  if (!Array.isArray(shape)) throw unreadable(what);
  const { data: given } = values as Tensor | TensorflowTensor;
  const list = listOf(typeof given === 'function' ? await (values as TensorflowTensor).data() : given, what);
  const isSize = (size: unknown): boolean => Number.isSafeInteger(size) && (size as number) >= 0;
  if (!shape.every(isSize) || list.length !== valuesIn(shape))
    throw new TouchstoneError(
      'bad-tensors',
      `${what} has the shape [${shape.join(',')}] and ${list.length} values`,
      'Give as many values as the shape has.',
    );
  return { shape: [...shape], data: numbers(list, what) };
}

/** The shape that they have, or should have. @param shape in NCHW */
export function shaped({ shape: given, data }: ReadValues, shape: readonly number[], layout: Layout): HostTensor {
  if (given !== null) return { shape: given, data };
  if (valuesIn(shape) !== data.length) return { shape: [data.length], data };
  const [n, c, h, w] = shape as [number, number, number, number];
  return { shape: layout === 'NHWC' && shape.length === 4 ? [n, h, w, c] : shape, data };
}

function isTyped(values: unknown): values is Float32Array | Float64Array {
  return values instanceof Float32Array || values instanceof Float64Array;
}

/** An object may say any length, so only a list that has its elements is read. */
function listOf(data: unknown, what: string): ArrayLike<unknown> {
  if (Array.isArray(data) || (ArrayBuffer.isView(data) && 'length' in data)) return data as ArrayLike<unknown>;
  throw unreadable(what);
}

function numbers(list: ArrayLike<unknown>, what: string): HostTensor['data'] {
  if (isTyped(list)) return list;
  for (let i = 0; i < list.length; i++) if (typeof list[i] !== 'number') throw unreadable(what);
  return Float64Array.from(list as ArrayLike<number>);
}

/** A list without lists is taken for numbers without a shape. */
function fromNested(values: NestedNumbers, what: string): ReadValues {
  if (isTooDeep(values)) throw unreadable(what);
  const shape: number[] = [];
  let level: readonly unknown[] = values;
  while (Array.isArray(level[0])) {
    const { length } = level[0];
    if (!level.every((list) => Array.isArray(list) && list.length === length)) throw unreadable(what);
    shape.push(level.length / valuesIn(shape));
    level = level.flat(1);
  }
  shape.push(level.length / valuesIn(shape));
  return { shape: shape.length === 1 ? null : shape, data: numbers(level, what) };
}

/** So is a list that has itself. */
function isTooDeep(values: NestedNumbers): boolean {
  let level: unknown = values;
  for (let depth = 0; depth < maxDimensions && Array.isArray(level); depth++) level = level[0];
  return Array.isArray(level);
}

function unreadable(what: string): TouchstoneError {
  return new TouchstoneError(
    'bad-tensors',
    `${what} holds no numbers that can be read`,
    'Give { shape, data }, a tensor of TensorFlow.js, a Float32Array or nested lists of numbers.',
  );
}
