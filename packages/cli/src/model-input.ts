import { readFileSync, statSync } from 'node:fs';
import { readSafetensors, TouchstoneError, type HostTensor, type NetworkDescription } from '@touchstone/contract';
import { preprocessPicture, readPicture } from '@touchstone/report';

const MAX_BYTES = 512 * 2 ** 20;

export interface ModelInput {
  /** [N,C,H,W], preprocessed */
  readonly x: HostTensor;
  readonly fixtures: Readonly<Record<string, HostTensor>>;
}

/** What the user wants explained: a picture, preprocessed as the network says, or tensors. */
export async function readModelInput({ image, input }: { image?: string; input?: string }, network: NetworkDescription, fixtures: readonly string[]): Promise<ModelInput> {
  if ((image === undefined) === (input === undefined)) {
    throw new TouchstoneError('usage', 'one of --image and --input is needed', '--image takes a picture, --input a safetensors file with x [N,C,H,W].');
  }
  if (image !== undefined) return { x: preprocessPicture(await readPicture(image), network), fixtures: {} };
  return tensorsFrom(input!, network, fixtures);
}

function tensorsFrom(file: string, network: NetworkDescription, fixtures: readonly string[]): ModelInput {
  const info = statSync(file, { throwIfNoEntry: false });
  if (!info?.isFile()) throw new TouchstoneError('bad-tensors', `${file}: no such file`, 'Check the path given with --input.');
  if (info.size > MAX_BYTES) throw new TouchstoneError('bad-tensors', `${file}: ${Math.ceil(info.size / 2 ** 20)} MiB, at most ${MAX_BYTES / 2 ** 20} MiB are read`, 'Explain fewer images at a time.');
  const { tensors } = readSafetensors(readFileSync(file), file);
  const x = Object.hasOwn(tensors, 'x') ? tensors['x'] : undefined;
  const expected = network.input.shape;
  if (!x) throw new TouchstoneError('bad-tensors', `${file}: there is no tensor "x"`, `Store the input as x, [N,${expected.join(',')}].`);
  if (x.shape.length !== 4 || x.shape.slice(1).join() !== expected.join()) {
    throw new TouchstoneError('bad-tensors', `${file}: x has shape [${x.shape.join(',')}], network ${network.name} takes [N,${expected.join(',')}]`, 'Give x in NCHW, with the size for which the network was exported.');
  }
  const given = fixtures.filter((name) => Object.hasOwn(tensors, name)).map((name) => [name, tensors[name]!] as const);
  return { x, fixtures: Object.fromEntries(given) };
}
