/** A network, an image and a target, as programs give them. */
import {
  isFiniteInFloat32,
  TouchstoneError,
  type HostTensor,
  type NetworkDescription,
  type Target,
} from '@touchstone/contract';
import { openNetwork, readAsked, readTarget, type ModelInput } from '@touchstone/cli';
import type { AskedTarget, Method } from '@touchstone/methods';
import { fromPortLayout } from '@touchstone/port';
import { findGolden } from '@touchstone/system';
import type { GoldenOptions } from './goldens.js';
import { readValues, shaped, type Layout, type Values } from './values.js';

export interface AskOptions extends GoldenOptions {
  /** A folder that `export_network` wrote, or the name of a network of the goldens. */
  readonly network: string;
  /** An image file, which is preprocessed as the network says; or `x`. */
  readonly image?: string | undefined;
  /** The preprocessed images, [N,C,H,W], or [N,H,W,C] with the layout NHWC. */
  readonly x?: Values | undefined;
  /** Of `x` and of the answer; default NCHW. */
  readonly layout?: Layout | undefined;
  /** Index or name of a class, or another target; left out: the top class of each image. */
  readonly target?: number | string | Target | undefined;
  /** For one run, in seconds; default 120. */
  readonly deadline?: number | undefined;
  /** Ends it. */
  readonly signal?: AbortSignal | undefined;
}

export interface Asked {
  readonly folder: string;
  readonly description: NetworkDescription;
  readonly target: AskedTarget;
  readonly input: ModelInput;
  readonly deadlineMs: number;
}

/** @throws TouchstoneError for what was given */
export async function ask(method: Method, options: AskOptions): Promise<Asked> {
  const { network, image, x, golden = findGolden() } = options;
  if ((image === undefined) === (x === undefined) && !method.without?.includes('image'))
    throw new TouchstoneError('usage', `${method.id} needs either image or x`, 'Give one of them.');
  if (typeof network !== 'string') throw new TouchstoneError('usage', 'network is missing', 'Give its name or folder.');
  const { folder, description } = openNetwork(network, golden);
  const target = asText(options.target);
  const shared = { folder, description, deadlineMs: deadlineOf(options) };
  if (x === undefined) {
    const asked = await readAsked(method, description, {
      ...(image !== undefined && { image }),
      ...(target !== undefined && { target }),
    });
    return { ...shared, target: asked.target, input: asked.input };
  }
  const hasTarget = !method.without?.includes('target');
  return {
    ...shared,
    target: hasTarget ? readTarget(target, description, method) : 'likeliest',
    input: { x: await readInput(x, description, options.layout ?? 'NCHW'), fixtures: {} },
  };
}

const maxSeconds = 86_400;

/** In milliseconds. @throws TouchstoneError `usage` */
export function deadlineOf({ deadline = 120 }: { readonly deadline?: number | undefined }): number {
  if (typeof deadline === 'number' && deadline > 0 && deadline <= maxSeconds) return 1000 * deadline;
  throw new TouchstoneError(
    'usage',
    `deadline ${String(deadline)}: must be a number of seconds, more than 0 and at most ${maxSeconds}`,
    'Give seconds, for example 900.',
  );
}

function asText(target: AskOptions['target']): string | undefined {
  return typeof target === 'object' ? JSON.stringify(target) : target === undefined ? undefined : String(target);
}

async function readInput(values: Values, { name, input }: NetworkDescription, layout: Layout): Promise<HostTensor> {
  const read = await readValues(values, 'x');
  const images = read.data.length / input.shape.reduce((product, size) => product * size, 1);
  const given = shaped(read, [images, ...input.shape], layout);
  const x = fromPortLayout(given, layout);
  if (x.shape.length !== 4 || x.shape[0] === 0 || x.shape.slice(1).join() !== input.shape.join())
    throw new TouchstoneError(
      'bad-tensors',
      `x has the shape [${given.shape.join(',')}]; the network ${name} needs [N,${input.shape.join(',')}] in NCHW`,
      'Give images of the size for which the network was exported, or say layout: "NHWC".',
    );
  if (!isFiniteInFloat32(x.data))
    throw new TouchstoneError(
      'bad-tensors',
      'x has a value that is NaN, ±∞ or too large for float32',
      'Correct it where it is made.',
    );
  return { shape: x.shape, data: Float32Array.from(x.data) };
}
