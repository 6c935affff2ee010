/**
 * The form in which a port is given tensors and in which it returns them. Ours is NCHW; tensors of other ranks than 4
 * and 5 are the same in both layouts. Of 5-D tensors, such as `noise` [samples,N,C,H,W], the last three axes change.
 */
import type { HostTensor } from '@touchstone/contract';
import type { Layout } from './port.js';

/** What a port declares about its tensors. */
export interface TensorForm {
  readonly layout?: Layout | undefined;
  readonly dtype?: 'float32' | 'float64' | undefined;
}

/** [N,C,H,W] → the layout of the port. The tensor itself where nothing changes. */
export function toPortLayout(tensor: HostTensor, layout: Layout): HostTensor {
  if (!hasLayout(tensor.shape) || layout === 'NCHW') return tensor;
  const [channels, height, width] = tensor.shape.slice(-3) as [number, number, number];
  return {
    shape: [...tensor.shape.slice(0, -3), height, width, channels],
    data: transposeEach(tensor.data, channels, height * width),
  };
}

/** A tensor of the port → [N,C,H,W]. The tensor itself where nothing changes. */
export function fromPortLayout(tensor: HostTensor, layout: Layout): HostTensor {
  if (!hasLayout(tensor.shape) || layout === 'NCHW') return tensor;
  const [height, width, channels] = tensor.shape.slice(-3) as [number, number, number];
  return {
    shape: [...tensor.shape.slice(0, -3), channels, height, width],
    data: transposeEach(tensor.data, height * width, channels),
  };
}

/** In the layout and with the dtype that the port declares; by default NCHW and float32. */
export function toPortForm(tensor: HostTensor, { layout = 'NCHW', dtype = 'float32' }: TensorForm): HostTensor {
  const { shape, data } = toPortLayout(tensor, layout);
  const Typed = dtype === 'float64' ? Float64Array : Float32Array;
  return { shape, data: data instanceof Typed ? data : Typed.from(data) };
}

function hasLayout(shape: readonly number[]): boolean {
  return shape.length === 4 || shape.length === 5;
}

/** Every block of rows × columns values, transposed. */
function transposeEach(data: HostTensor['data'], rows: number, columns: number): HostTensor['data'] {
  const size = rows * columns;
  const transposed = data instanceof Float64Array ? new Float64Array(data.length) : new Float32Array(data.length);
  for (let start = 0; start < data.length; start += size)
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < columns; column++)
        transposed[start + column * rows + row] = data[start + row * columns + column]!;
  return transposed;
}
