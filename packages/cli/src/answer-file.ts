/** An answer that was computed elsewhere: a map, or stages by name, in one of the usual file formats. */
import { extname } from 'node:path';
import {
  parseJson,
  permute,
  readNpy,
  readSafetensors,
  sameShape,
  TouchstoneError,
  type HostTensor,
  type Stages,
} from '@touchstone/contract';
import type { Method } from '@touchstone/methods';
import { maxBytes, readBounded, readText } from '@touchstone/system';
import { unzipSync } from 'fflate';
import { z } from 'zod';

export type Layout = 'NCHW' | 'NHWC';

/** A map, or stages by name; each as nested lists. */
const Lists = z.array(z.unknown());
const Json = z.union([Lists, z.record(z.string().max(300), Lists)]);
const maxDimensions = 16;

/** File ending → arrays by name; the array of a file that names none is `attribution`. */
const readers: Readonly<Record<string, (path: string) => Stages>> = {
  '.npy': (path) => ({ attribution: readNpy(bytesOf(path), path) }),
  '.npz': readNpz,
  // The image, which "touchstone attribute" stores too, is no stage.
  '.safetensors': (path) => {
    const { x, ...stages } = readSafetensors(bytesOf(path), path).tensors;
    return x !== undefined && Object.keys(stages).length === 0 ? { x } : stages;
  },
  '.json': readJson,
};
export const answerEndings = Object.keys(readers);

/** @throws TouchstoneError `usage` for another ending, `bad-tensors` for what cannot be read or has no attribution */
export function readAnswerFile(path: string, method: Pick<Method, 'id' | 'stages' | 'fixtures'>): Stages {
  const reader = readers[extname(path).toLowerCase()];
  if (reader === undefined)
    throw new TouchstoneError(
      'usage',
      `--answer ${path}: the ending is none of ${answerEndings.join(', ')}`,
      'Store the map with numpy.save, as safetensors or as JSON.',
    );
  return withAttribution(reader(path), path, method);
}

/** A single array is the attribution whatever its name, unless that is the name of something else. */
function withAttribution(
  arrays: Stages,
  path: string,
  { id, stages, fixtures }: Pick<Method, 'id' | 'stages' | 'fixtures'>,
): Stages {
  const names = Object.keys(arrays);
  const [name = ''] = names;
  if (names.includes('attribution')) return arrays;
  const isElse = name === 'x' || Object.hasOwn(stages, name) || fixtures.includes(name);
  if (names.length === 1 && !isElse) return { attribution: arrays[name]! };
  const found = names.length === 0 ? 'nothing' : names.map((each) => `"${each}"`).join(', ');
  throw new TouchstoneError(
    'bad-tensors',
    `${path} has ${found.slice(0, 300)}, and no "attribution", the map that is to be ${id}`,
    `Store the map as "attribution"; further arrays are stages by their names: ${Object.keys(stages).join(', ')}.`,
  );
}

function bytesOf(path: string): Uint8Array {
  return readBounded(path, maxBytes.tensors, 'bad-tensors', 'Give the file with your answer as --answer.');
}

function readNpz(path: string): Stages {
  let size = 0;
  const filter = ({ name, originalSize }: { name: string; originalSize: number }): boolean => {
    size += originalSize;
    if (size > maxBytes.tensors) throw new Error(`more than ${maxBytes.tensors} bytes when unpacked`);
    return name.endsWith('.npy');
  };
  let files: Record<string, Uint8Array>;
  try {
    files = unzipSync(bytesOf(path), { filter });
  } catch (error) {
    if (error instanceof TouchstoneError) throw error;
    const why = (error as Error).message;
    throw new TouchstoneError('bad-tensors', `${path} cannot be unpacked: ${why}`, 'Write it with numpy.savez.');
  }
  return Object.fromEntries(
    Object.entries(files).map(([name, bytes]) => [name.slice(0, -'.npy'.length), readNpy(bytes, `${path}, ${name}`)]),
  );
}

function readJson(path: string): Stages {
  const value = parseJson(readText(path, 'bad-tensors'), Json, path, 'bad-tensors');
  const stages = Array.isArray(value) ? { attribution: value } : value;
  return Object.fromEntries(Object.entries(stages).map(([name, lists]) => [name, tensorOf(lists, path, name)]));
}

function tensorOf(lists: readonly unknown[], path: string, name: string): HostTensor {
  const shape: number[] = [];
  for (let level: unknown = lists; Array.isArray(level) && shape.length <= maxDimensions; level = level[0])
    shape.push(level.length);
  const values: number[] = [];
  const collect = (part: unknown, depth: number): void => {
    const isList = Array.isArray(part) && part.length === shape[depth] && depth < maxDimensions;
    if (isList) for (const each of part) collect(each, depth + 1);
    else if (typeof part === 'number' && depth === shape.length) values.push(part);
    else
      throw new TouchstoneError(
        'bad-tensors',
        `${path}: "${name}" is not a list of lists of numbers, all of the same length`,
        'Write what tolist() gives.',
      );
  };
  collect(lists, 0);
  return { shape, data: Float64Array.from(values) };
}

/**
 * The answer in the golden's shapes: with the dimensions of size 1 that it lacks, without those that it has besides,
 * and in NCHW. A stage of another shape stays as it is, which the judge reports.
 */
export function fitted(stages: Stages, golden: Stages, layout: Layout): Stages {
  return Object.fromEntries(
    Object.entries(stages).map(([name, stage]) => {
      const shape = Object.hasOwn(golden, name) ? golden[name]!.shape : null;
      return [name, shape === null ? stage : fittedTo(shape, stage, layout)];
    }),
  );
}

function fittedTo(shape: readonly number[], { data, shape: given }: HostTensor, layout: Layout): HostTensor {
  const isImage = layout === 'NHWC' && shape.length === 4;
  const [n, c, h, w] = shape as [number, number, number, number];
  const expected = isImage ? [n, h, w, c] : shape;
  const long = (sizes: readonly number[]): number[] => sizes.filter((size) => size !== 1);
  if (!sameShape(long(given), long(expected))) return { shape: given, data };
  return isImage ? permute({ shape: expected, data }, [0, 3, 1, 2]) : { shape, data };
}
