import {
  isFiniteInFloat32,
  readSafetensors,
  TouchstoneError,
  type HostTensor,
  type NetworkDescription,
  type Stages,
} from '@touchstone/contract';
import type { Method } from '@touchstone/methods';
import { preprocessImage, readImage, type RgbImage } from '@touchstone/images';
import { maxBytes, readBounded } from '@touchstone/system';

export interface ModelInput {
  /** [N,C,H,W], preprocessed */
  readonly x: HostTensor;
  readonly fixtures: Readonly<Record<string, HostTensor>>;
  /** From which x was made. */
  readonly photo?: RgbImage;
}

/** The input: an image, preprocessed as the network says, or tensors; zeros for a method that uses no image. */
export async function readModelInput(
  { image, input }: { image?: string; input?: string[] },
  network: NetworkDescription,
  { id, fixtures, without }: Pick<Method, 'id' | 'fixtures' | 'without'>,
): Promise<ModelInput> {
  if (image === undefined && input === undefined && without?.includes('image'))
    return { x: nothing(network), fixtures: {} };
  if ((image === undefined) === (input === undefined)) {
    throw new TouchstoneError(
      'usage',
      `${id} needs either --image or --input`,
      'Give --image an image, or --input a safetensors file with x [N,C,H,W].',
    );
  }
  if (image !== undefined) {
    const photo = await readImage(image);
    return { x: preprocessImage(photo, network), fixtures: {}, photo };
  }
  return tensorsFrom(input!, network, fixtures);
}

/** One image of zeros, of the network's shape. */
function nothing({ input: { shape } }: NetworkDescription): HostTensor {
  return { shape: [1, ...shape], data: new Float32Array(shape.reduce((product, size) => product * size, 1)) };
}

/** The tensors of all files. @throws TouchstoneError `bad-tensors` for a tensor in two of them */
function tensorsFrom(files: readonly string[], network: NetworkDescription, fixtures: readonly string[]): ModelInput {
  const tensors: Stages = {};
  for (const file of files) {
    for (const [name, tensor] of Object.entries(read(file))) {
      if (Object.hasOwn(tensors, name))
        throw new TouchstoneError(
          'bad-tensors',
          `--input ${file}: the tensor "${name}" is given twice`,
          'Store each tensor in one file only.',
        );
      tensors[name] = tensor;
    }
  }
  const [all, expected] = [files.join(', '), network.input.shape];
  const x = tensors['x'] && asImage(tensors['x'], expected);
  if (!x)
    throw new TouchstoneError(
      'bad-tensors',
      `--input ${all} has no tensor "x"`,
      `Store the input as x, [N,${expected.join(',')}].`,
    );
  if (x.shape.length !== 4 || x.shape.slice(1).join() !== expected.join()) {
    throw new TouchstoneError(
      'bad-tensors',
      `--input ${all}: x has shape [${x.shape.join(',')}], network ${network.name} needs [N,${expected.join(',')}]`,
      'Give x in NCHW, with the size for which the network was exported.',
    );
  }
  if (x.shape[0] === 0)
    throw new TouchstoneError(
      'bad-tensors',
      `--input ${all}: x has shape [${x.shape.join(',')}], so there is no image`,
      'Store at least one image in x.',
    );
  const given = fixtures.filter((name) => Object.hasOwn(tensors, name)).map((name) => [name, tensors[name]!] as const);
  // A ReLU in WebAssembly turns NaN into 0: the map would look right.
  for (const [name, { data }] of [['x', x] as const, ...given]) {
    if (!isFiniteInFloat32(data))
      throw new TouchstoneError(
        'bad-tensors',
        `--input ${all}: the tensor "${name}" has a value that is NaN, ±∞ or too large for float32`,
        'Correct it where it is made.',
      );
  }
  return { x, fixtures: Object.fromEntries(given) };
}

/** A signal [N,C,L] is an image of height 1. */
function asImage({ shape, data }: HostTensor, [, height]: readonly number[]): HostTensor {
  return { shape: shape.length === 3 && height === 1 ? [shape[0]!, shape[1]!, 1, shape[2]!] : shape, data };
}

function read(file: string): Stages {
  const hint = 'Give a safetensors file with --input; explain fewer images at a time if it is too large.';
  return readSafetensors(readBounded(file, maxBytes.tensors, 'bad-tensors', hint), file).tensors;
}
