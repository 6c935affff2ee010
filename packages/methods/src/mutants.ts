/** Every mutant, one line each: those of a method stand in its folder, those of any method here. */
import type { HostTensor } from '@touchstone/contract';
import { gradCamMutants } from './grad-cam/mutants.js';
import { guidedBackpropMutants } from './guided-backprop/mutants.js';
import { spoiling, type Mutant } from './mutant.js';
import { methods } from './registry.js';
import { saliencyMutants } from './saliency/mutants.js';
import { smoothGradMutants } from './smooth-grad/mutants.js';

const all = methods.map(({ id }) => id);

/** Reads [N,C,H,W] memory as if it lay in the order of `axes`, and hands it out under the old shape. */
function misread({ shape, data }: HostTensor, axes: readonly [number, number, number, number]): HostTensor {
  if (shape.length !== 4) return { shape, data };
  const to = axes.map((axis) => shape[axis]!);
  const strides = [shape[1]! * shape[2]! * shape[3]!, shape[2]! * shape[3]!, shape[3]!, 1];
  const result = data.slice();
  let at = 0;
  for (let a = 0; a < to[0]!; a++)
    for (let b = 0; b < to[1]!; b++)
      for (let c = 0; c < to[2]!; c++)
        for (let d = 0; d < to[3]!; d++) {
          const [i, j, k, l] = [a, b, c, d];
          result[at++] = data[i * strides[axes[0]]! + j * strides[axes[1]]! + k * strides[axes[2]]! + l * strides[axes[3]]!]!;
        }
  return { shape, data: result };
}

const filled = ({ shape, data }: HostTensor, value: number): HostTensor => ({ shape, data: data.slice().fill(value) });

export const mutants: readonly Mutant[] = [
  ...saliencyMutants,
  ...guidedBackpropMutants,
  ...smoothGradMutants,
  ...gradCamMutants,
  spoiling('layout-swapped', 'NHWC data handed out as NCHW', all, (attribution) => misread(attribution, [0, 2, 3, 1])),
  spoiling('map-transposed', 'rows and columns exchanged', all, (attribution) => misread(attribution, [0, 1, 3, 2])),
  spoiling('all-zeros', 'nothing but zeros', all, (attribution) => filled(attribution, 0)),
  spoiling('all-nan', 'nothing but NaN', all, (attribution) => filled(attribution, NaN)),
];
