/** Networks in the shape of VGG (Simonyan & Zisserman 2015, table 1), with seeded weights: only time depends on them. */
import type { HostTensor, NetworkDescription } from '@touchstone/contract';

/** Channels of the 3×3 convolutions, each followed by ReLU; `pool` is a 2×2 max pooling. */
export type Plan = readonly (number | 'pool')[];

export const vgg11: Plan = [64, 'pool', 128, 'pool', 256, 256, 'pool', 512, 512, 'pool', 512, 512, 'pool'];

export interface Vgg {
  readonly description: NetworkDescription;
  readonly weights: Record<string, HostTensor>;
}

/** `size` is the side of the picture, three channels; the head is global average pooling and one linear layer. */
export function vgg(name: string, plan: Plan, size: number, classes = 10): Vgg {
  const modules: NetworkDescription['modules'] = {};
  const weights: Record<string, HostTensor> = {};
  const random = normalNumbers(1);
  const paths: string[] = [];
  const add = (path: string, type: string, attributes: Record<string, unknown>): void => {
    modules[path] = { type, attributes };
    paths.push(path);
  };
  const draw = (path: string, shape: number[]): void => {
    const fanIn = shape.slice(1).reduce((a, b) => a * b, 1);
    const size = shape[0]! * fanIn;
    weights[`${path}.weight`] = {
      shape,
      data: Float32Array.from({ length: size }, () => random() * Math.sqrt(2 / fanIn)),
    };
    weights[`${path}.bias`] = {
      shape: [shape[0]!],
      data: Float32Array.from({ length: shape[0]! }, () => random() * 0.1),
    };
  };
  let channels = 3;
  for (const step of plan) {
    const at = paths.length;
    if (step === 'pool') {
      add(`features.${at}`, 'MaxPool2d', {
        kernelSize: [2, 2],
        stride: [2, 2],
        padding: [0, 0],
        dilation: [1, 1],
        ceilMode: false,
      });
      continue;
    }
    add(`features.${at}`, 'Conv2d', {
      inChannels: channels,
      outChannels: step,
      kernelSize: [3, 3],
      stride: [1, 1],
      padding: [1, 1],
      dilation: [1, 1],
      groups: 1,
      bias: true,
    });
    draw(`features.${at}`, [step, channels, 3, 3]);
    add(`features.${at + 1}`, 'ReLU', { inplace: false });
    channels = step;
  }
  add('average', 'AdaptiveAvgPool2d', { outputSize: [1, 1] });
  add('flatten', 'Flatten', { startDim: 1, endDim: -1 });
  add('head', 'Linear', { inFeatures: channels, outFeatures: classes, bias: true });
  draw('head', [classes, channels]);
  modules[''] = {
    type: 'VGG',
    inputs: ['x0'],
    calls: paths.map((module, i) => ({ name: `x${i + 1}`, module, args: [`x${i}`] })),
    output: `x${paths.length}`,
  };
  return {
    description: {
      format: 'touchstone-network',
      version: 1,
      name,
      why: 'benchmark',
      input: { shape: [3, size, size] },
      modules,
    },
    weights,
  };
}

/** Pictures of normal noise: no ties, so that stock TF.js gives the same gradient. [N,3,size,size] */
export function noisePictures(count: number, size: number): HostTensor {
  const random = normalNumbers(2);
  return {
    shape: [count, 3, size, size],
    data: Float32Array.from({ length: count * 3 * size * size }, () => random()),
  };
}

/** Normal numbers by Box and Muller over mulberry32. */
export function normalNumbers(seed: number): () => number {
  let state = seed;
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}
