/** Faults that any method's answer can have. */
import { permute, type HostTensor } from '@touchstone/contract';
import type { Method } from '../core/method.js';
import { remedy, spoiling, type Mutant } from '../core/mutant.js';

/** Values of [N,C,H,W] in the order of `axes`, under the old shape. */
function misread(tensor: HostTensor, axes: readonly number[]): HostTensor {
  return tensor.shape.length === 4 ? { shape: tensor.shape, data: permute(tensor, axes).data } : tensor;
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
