/**
 * Networks in the shape of VGG (Simonyan & Zisserman 2015, table 1), with seeded weights: they are only timed.
 */
import { Random, type HostTensor, type NetworkDescription } from '@touchstone/contract';

/** Channels of the 3×3 convolutions, each followed by ReLU; `pool` is a 2×2 max pooling. */
export type Plan = readonly (number | 'pool')[];

export const vgg11: Plan = [64, 'pool', 128, 'pool', 256, 256, 'pool', 512, 512, 'pool', 512, 512, 'pool'];

export interface Vgg {
  readonly description: NetworkDescription;
  readonly weights: Record<string, HostTensor>;
}

/** `size` is the side of the image, three channels; the head is global average pooling and one linear layer. */
export function vgg(name: string, plan: Plan, size: number, classes = 10): Vgg {
  const chain = new Chain();
  let channels = 3;
  for (const step of plan) {
    const at = chain.paths.length;
    if (step === 'pool') {
      chain.add(`features.${at}`, 'MaxPool2d', maxPool);
      continue;
    }
    chain.add(`features.${at}`, 'Conv2d', { ...convolution, inChannels: channels, outChannels: step });
    chain.draw(`features.${at}`, [step, channels, 3, 3]);
    chain.add(`features.${at + 1}`, 'ReLU', { inplace: false });
    channels = step;
  }
  chain.add('average', 'AdaptiveAvgPool2d', { outputSize: [1, 1] });
  chain.add('flatten', 'Flatten', { startDim: 1, endDim: -1 });
  chain.add('head', 'Linear', { inFeatures: channels, outFeatures: classes, bias: true });
  chain.draw('head', [classes, channels]);
  return {
    description: {
      format: 'touchstone-network',
      version: 1,
      name,
      why: 'benchmark',
      input: { shape: [3, size, size] },
      modules: { ...chain.modules, '': chain.root() },
    },
    weights: chain.weights,
  };
}

const maxPool = { kernelSize: [2, 2], stride: [2, 2], padding: [0, 0], dilation: [1, 1], ceilMode: false };
const convolution = { kernelSize: [3, 3], stride: [1, 1], padding: [1, 1], dilation: [1, 1], groups: 1, bias: true };

/** Layers that run one after another. */
class Chain {
  readonly modules: NetworkDescription['modules'] = {};
  readonly weights: Record<string, HostTensor> = {};
  readonly paths: string[] = [];
  readonly #random = new Random(1);

  add(path: string, type: string, attributes: Record<string, unknown>): void {
    this.modules[path] = { type, attributes };
    this.paths.push(path);
  }

  /** Weight and bias of a layer, scaled so that activations keep their variance (He et al. 2015). */
  draw(path: string, shape: [number, ...number[]]): void {
    const fanIn = shape.slice(1).reduce((a, b) => a * b, 1);
    this.weights[`${path}.weight`] = { shape, data: this.#numbers(shape[0] * fanIn, Math.sqrt(2 / fanIn)) };
    this.weights[`${path}.bias`] = { shape: [shape[0]], data: this.#numbers(shape[0], 0.1) };
  }

  root(): NetworkDescription['modules'][string] {
    return {
      type: 'VGG',
      inputs: ['x0'],
      calls: this.paths.map((module, i) => ({ name: `x${i + 1}`, module, args: [`x${i}`] })),
      output: `x${this.paths.length}`,
    };
  }

  #numbers(length: number, scale: number): Float32Array {
    return Float32Array.from({ length }, () => this.#random.normal() * scale);
  }
}

/** Images of normal noise [N,3,size,size]: without ties, so that stock TF.js gives the same gradient. */
export function noiseImages(count: number, size: number): HostTensor {
  const random = new Random(2);
  return {
    shape: [count, 3, size, size],
    data: Float32Array.from({ length: count * 3 * size * size }, () => random.normal()),
  };
}
