/**
 * The form in which a port is given tensors and in which it returns them. Ours is NCHW; tensors of other ranks than 4
 * and 5 are the same in both layouts. Of 5-D tensors, such as `noise` [samples,N,C,H,W], the last three axes change.
 */
import { permute, type HostTensor } from '@touchstone/contract';
import type { Layout } from './port.js';

/** What a port declares about its tensors. */
export interface TensorForm {
  readonly layout?: Layout | undefined;
  readonly dtype?: 'float32' | 'float64' | undefined;
}

/** [N,C,H,W] → the layout of the port. The tensor itself where nothing changes. */
export function toPortLayout(tensor: HostTensor, layout: Layout): HostTensor {
  return layout === 'NCHW' ? tensor : withLastAxes(tensor, [1, 2, 0]);
}

/** A tensor of the port → [N,C,H,W]. The tensor itself where nothing changes. */
export function fromPortLayout(tensor: HostTensor, layout: Layout): HostTensor {
  return layout === 'NCHW' ? tensor : withLastAxes(tensor, [2, 0, 1]);
}

/** In the layout and with the dtype that the port declares; by default NCHW and float32. */
export function toPortForm(tensor: HostTensor, { layout = 'NCHW', dtype = 'float32' }: TensorForm): HostTensor {
  const { shape, data } = toPortLayout(tensor, layout);
  const Typed = dtype === 'float64' ? Float64Array : Float32Array;
  return { shape, data: data instanceof Typed ? data : Typed.from(data) };
}

/** The last three axes in another order; a tensor without a layout as it is. */
function withLastAxes(tensor: HostTensor, order: readonly number[]): HostTensor {
  const rank = tensor.shape.length;
  if (rank !== 4 && rank !== 5) return tensor;
  const first = rank - order.length;
  const leading = Array.from({ length: first }, (_, axis) => axis);
  return permute(tensor, [...leading, ...order.map((axis) => first + axis)]);
}
