/** Every mutant, one line each: those of a method stand in its folder, those of any method here. */
import type { HostTensor } from '@touchstone/contract';
import { activationsMutants } from './activations/mutants.js';
import { camMutants } from './cam/mutants.js';
import { classVisualizationMutants } from './class-visualization/mutants.js';
import { filterVisualizationMutants } from './filter-visualization/mutants.js';
import { foolingImageMutants } from './fooling-image/mutants.js';
import { deconvMutants } from './deconv/mutants.js';
import { gradCamMutants } from './grad-cam/mutants.js';
import { guidedBackpropMutants } from './guided-backprop/mutants.js';
import { spoiling, type Mutant } from './core/mutant.js';
import { parametersMutants } from './parameters/mutants.js';
import { methods } from './registry.js';
import { saliencyMutants } from './saliency/mutants.js';
import { smoothGradMutants } from './smooth-grad/mutants.js';
import { tsneMutants } from './t-sne/mutants.js';

const all = methods.map(({ id }) => id);
/** Points of the plane have no layout. */
const withMaps = methods.filter(({ image }) => image !== 'scatter').map(({ id }) => id);

/** Writes [N,C,H,W] values in the order of `axes`, and hands them out under the old shape. */
function misread({ shape, data }: HostTensor, axes: readonly [number, number, number, number]): HostTensor {
  if (shape.length !== 4) return { shape, data };
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, n) => product * n, 1));
  const [a, b, c, d] = axes.map((axis) => ({ n: shape[axis]!, stride: strides[axis]! })) as [Axis, Axis, Axis, Axis];
  const result = data.slice();
  let at = 0;
  for (let i = 0; i < a.n; i++)
    for (let j = 0; j < b.n; j++)
      for (let k = 0; k < c.n; k++)
        for (let l = 0; l < d.n; l++) result[at++] = data[i * a.stride + j * b.stride + k * c.stride + l * d.stride]!;
  return { shape, data: result };
}

interface Axis {
  readonly n: number;
  readonly stride: number;
}

const filled = ({ shape, data }: HostTensor, value: number): HostTensor => ({ shape, data: data.slice().fill(value) });

export const mutants: readonly Mutant[] = [
  ...saliencyMutants,
  ...deconvMutants,
  ...guidedBackpropMutants,
  ...smoothGradMutants,
  ...camMutants,
  ...gradCamMutants,
  ...foolingImageMutants,
  ...classVisualizationMutants,
  ...filterVisualizationMutants,
  ...activationsMutants,
  ...parametersMutants,
  ...tsneMutants,
  spoiling('layout-swapped', 'NHWC data handed out as NCHW', withMaps, (stage) => misread(stage, [0, 2, 3, 1])),
  spoiling('map-transposed', 'rows and columns exchanged', withMaps, (stage) => misread(stage, [0, 1, 3, 2])),
  spoiling('all-zeros', 'nothing but zeros', all, (stage) => filled(stage, 0)),
  spoiling('all-nan', 'nothing but NaN', all, (stage) => filled(stage, NaN)),
];
