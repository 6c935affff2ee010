/**
 * Consecutive calls of a container that run as one operation when no hook sees the values in between: [ZeroPad2d,]
 * Conv2d [, ReLU or ReLU6]. These values are then never computed on their own, which saves memory and time. The result
 * has the same bits as the calls one by one (law L2: hooks that only read change nothing). Batch normalisation is left
 * out: folding it into the weights would round differently.
 */
import type * as tf from '@tensorflow/tfjs-core';
import type { ContainerDescription, LeafAttributes, NetworkDescription, StepCall } from '@touchstone/contract';
import type { Kernels } from '../ops/convolution/kernels.js';
import type { Margins } from '../ops/convolution/settings.js';
import { fusedConv2d, relu } from '../functional/functional.js';
import type { Module } from './module.js';
import { resolve } from './resolve.js';
import { hasPlainRelu, type GradientRules } from '../rules.js';
import type { Variable } from '../autograd/variable.js';

interface Parts {
  ZeroPad2d?: Part<'ZeroPad2d'>;
  Conv2d?: Part<'Conv2d'>;
  ReLU?: Part<'ReLU'>;
  ReLU6?: Part<'ReLU6'>;
}

interface Part<T extends keyof Parts> {
  readonly path: string;
  readonly attributes: LeafAttributes<T>;
}

export interface Block {
  /** Index of its first call in the container, and the number of its calls. */
  readonly at: number;
  /** The name of the value that the first call takes. */
  readonly input: string;
  readonly length: number;
  readonly parts: Parts & { readonly Conv2d: Part<'Conv2d'> };
}

/** The order of the parts; all but the convolution may be absent. */
const order: Readonly<Record<keyof Parts, number>> = { ZeroPad2d: 0, Conv2d: 1, ReLU: 2, ReLU6: 2 };

/** Index of the first call → block; each has at least two calls. */
export function blocksOf({ calls, output }: ContainerDescription, description: NetworkDescription): Map<number, Block> {
  const uses = new Map([[output, 1]]);
  for (const name of calls.flatMap((call) => ('args' in call ? call.args : [])))
    uses.set(name, (uses.get(name) ?? 0) + 1);
  const blocks = new Map<number, Block>();
  for (let at = 0; at < calls.length; at++) {
    const block = blockAt(at, calls, uses, description);
    if (!block) continue;
    blocks.set(at, block);
    at += block.length - 1;
  }
  return blocks;
}

/** @param uses name of a value → number of its uses, the container's output included */
function blockAt(
  at: number,
  calls: readonly Call[],
  uses: ReadonlyMap<string, number>,
  description: NetworkDescription,
): Block | null {
  const parts: Parts = {};
  let [end, reached] = [at, -1];
  for (; end < calls.length; end++) {
    const call = calls[end]!;
    const before = end > at ? calls[end - 1]!.name : null;
    if (!('args' in call) || (before !== null && (call.args[0] !== before || uses.get(before) !== 1))) break;
    const part = partOf(call, description);
    if (!part || order[part.type] <= reached) break;
    Object.assign(parts, { [part.type]: part });
    reached = order[part.type];
  }
  if (!parts.Conv2d || end - at < 2) return null;
  const [input] = (calls[at] as StepCall).args as [string];
  return { at, length: end - at, input, parts: { ...parts, Conv2d: parts.Conv2d } };
}

type Call = ContainerDescription['calls'][number];

function partOf(
  call: StepCall,
  description: NetworkDescription,
): (Part<keyof Parts> & { readonly type: keyof Parts }) | null {
  if (!('module' in call) || call.args.length !== 1) return null;
  const path = resolve(description, call.module);
  const module = description.modules[path]!;
  if (!('attributes' in module) || !Object.hasOwn(order, module.type)) return null;
  return { type: module.type as keyof Parts, path, attributes: module.attributes as LeafAttributes<keyof Parts> };
}

/** What a block needs from its network. */
export interface BlockContext {
  readonly module: (path: string) => Module;
  /** The weights of the convolution at `path`; null where the gradient of one is required. */
  readonly convolution: (path: string) => KernelsAndBias | null;
}

export interface KernelsAndBias extends Kernels {
  readonly bias: tf.Tensor1D | null;
}

/** Null where a hook or the gradient of a weight needs the values in between: then the calls run one by one. */
export function runBlock({ parts }: Block, x: Variable, rules: GradientRules, context: BlockContext): Variable | null {
  const { ZeroPad2d: pad, Conv2d: convolution, ReLU: plain, ReLU6: six } = parts;
  if (Object.values(parts).some((part: Part<keyof Parts>) => context.module(part.path).isHooked)) return null;
  const kernels = context.convolution(convolution.path);
  if (!kernels) return null;
  const settings = pad ? { ...convolution.attributes, frame: frameOf(pad.attributes) } : convolution.attributes;
  const clip = plain ?? six;
  const activation = clip && hasPlainRelu(rules) ? (six ? 'relu6' : 'relu') : 'linear';
  const y = fusedConv2d(x, kernels, settings, { bias: kernels.bias, activation });
  return clip && activation === 'linear' ? relu(y, rules, { ...clip.attributes, ...(six && { ceiling: 6 }) }) : y;
}

/** PyTorch's order is left, right, top, bottom. */
function frameOf({ padding: [left, right, top, bottom] }: LeafAttributes<'ZeroPad2d'>): Margins {
  return [
    [top, bottom],
    [left, right],
  ];
}
