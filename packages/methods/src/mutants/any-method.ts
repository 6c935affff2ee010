/** Faults that any method's answer can have. */
import type { HostTensor } from '@touchstone/contract';
import type { Method } from '../core/method.js';
import { remedy, spoiling, type Mutant } from '../core/mutant.js';

/** Permutes [N,C,H,W] values to the order of `axes`, but keeps the old shape. */
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

export function mutantsOfAnyMethod(methods: readonly Method[]): readonly Mutant[] {
  const all = methods.map(({ id }) => id);
  // Points of a plane have no layout.
  const withMaps = methods.filter(({ image }) => image !== 'scatter').map(({ id }) => id);
  return [
    spoiling(
      'layout-swapped',
      'NHWC data returned as NCHW',
      remedy('Return NCHW', 'map.transpose([0, 3, 1, 2])', 'map.permute(0, 3, 1, 2)'),
      withMaps,
      (stage) => misread(stage, [0, 2, 3, 1]),
    ),
    spoiling(
      'map-transposed',
      'rows and columns exchanged',
      remedy('Keep rows before columns', '[n, h, w, c]', '[n, c, h, w]'),
      withMaps,
      (stage) => misread(stage, [0, 1, 3, 2]),
    ),
    spoiling(
      'all-zeros',
      'nothing but zeros',
      remedy(
        'Make sure that a gradient arrives',
        'tf.grads of a function of the image alone',
        'x.requires_grad_(), no torch.no_grad()',
      ),
      all,
      (stage) => filled(stage, 0),
    ),
    spoiling(
      'all-nan',
      'nothing but NaN',
      remedy('Look for a division by zero or a logarithm of zero', 'tf.debugMode()', 'torch.autograd.detect_anomaly()'),
      all,
      (stage) => filled(stage, NaN),
    ),
  ];
}
