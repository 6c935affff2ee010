import type * as tf from '@tensorflow/tfjs-core';
import type { Size2, Window } from '../windows.js';

/** Rows or columns added before and after, of rows and of columns; negative ones are cropped. */
export type Margins = readonly [Size2, Size2];

export interface ConvolutionSettings extends Window {
  readonly padding: Size2;
  /** Zeros that a ZeroPad2d before the convolution puts around x; `padding` goes around them. */
  readonly frame?: Margins;
  readonly groups: number;
  readonly inChannels: number;
  readonly outChannels: number;
}

/** TF.js's layout of a convolution's weight: [h,w,in/groups,out], of a depthwise one [h,w,C,multiplier]. */
export type Kernel = tf.Tensor4D;

/** What is applied to each output of a convolution. */
export interface Epilogue {
  readonly bias: tf.Tensor1D | null;
  readonly activation: 'linear' | 'relu' | 'relu6';
}

export const noEpilogue: Epilogue = { bias: null, activation: 'linear' };

export function isDepthwise({ groups, inChannels }: ConvolutionSettings): boolean {
  return groups > 1 && groups === inChannels;
}

/** `padding` and `frame` together. */
export function marginsOf({
  padding: [y, x],
  frame: [rows, columns] = [
    [0, 0],
    [0, 0],
  ],
}: ConvolutionSettings): Margins {
  return [
    [y + rows[0], y + rows[1]],
    [x + columns[0], x + columns[1]],
  ];
}

/** The first axis on which an input of `size` is smaller than the kernel's extent; null if none. */
export function tooSmallFor(
  settings: ConvolutionSettings,
  size: Size2,
): { readonly from: number; readonly extent: number } | null {
  for (const [i, [before, after]] of marginsOf(settings).entries()) {
    const extent = settings.dilation[i as 0 | 1] * (settings.kernelSize[i as 0 | 1] - 1) + 1;
    if (size[i as 0 | 1] + before + after < extent) return { from: size[i as 0 | 1], extent };
  }
  return null;
}
