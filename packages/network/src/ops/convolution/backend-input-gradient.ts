import { ownKernel } from '../own-kernels.js';
import { isDepthwise, type ConvolutionSettings } from './settings.js';

/**
 * The backend's own kernel for the input gradient; null if it has none or is slower. With stride 1 a convolution with
 * the flipped kernel is faster; with larger strides it would multiply zeros.
 */
export function backendInputGradient(
  settings: ConvolutionSettings,
): ReturnType<typeof ownKernel<'ConvolutionInputGrad'>> {
  const { stride, dilation, groups } = settings;
  const isSupported = Math.max(...dilation) === 1 && (groups === 1 || isDepthwise(settings));
  return isSupported && Math.max(...stride) > 1 ? ownKernel('ConvolutionInputGrad') : null;
}
