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
  const data = numbers(typeof given === 'function' ? await (values as TensorflowTensor).data() : given, what);
  if (data.length === valuesIn(shape)) return { shape: [...shape], data };
  throw new TouchstoneError(
    'bad-tensors',
    `${what} has the shape [${shape.join(',')}] and ${data.length} values`,
    'Give as many values as the shape has.',
  );
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

function numbers(data: unknown, what: string): HostTensor['data'] {
  if (isTyped(data)) return data;
  const length = (data as ArrayLike<unknown> | undefined)?.length;
  if (typeof length !== 'number') throw unreadable(what);
  return Float64Array.from(data as ArrayLike<number>);
}

/** A list without lists is taken for numbers without a shape. */
function fromNested(values: NestedNumbers, what: string): ReadValues {
  const shape: number[] = [];
  for (let level: unknown = values; Array.isArray(level) && shape.length < maxDimensions; level = level[0])
    shape.push(level.length);
  const data = Float64Array.from(values.flat(maxDimensions) as number[]);
  if (data.length !== valuesIn(shape) || values.flat(maxDimensions).some((value) => typeof value !== 'number'))
    throw unreadable(what);
  return { shape: shape.length === 1 ? null : shape, data };
}

function unreadable(what: string): TouchstoneError {
  return new TouchstoneError(
    'bad-tensors',
    `${what} holds no numbers that can be read`,
    'Give { shape, data }, a tensor of TensorFlow.js, a Float32Array or nested lists of numbers.',
  );
}
