import { ownKernel } from '../own-kernels.js';
import { isDepthwise, type ConvolutionSettings } from './settings.js';

/**
 * The backend's own kernel for the input gradient, null where it has none or where it is the slower one: with stride 1
 * the flipped kernel is faster, with larger strides that one would multiply the zeros between the gradients.
 */
export function backendInputGradient(
  settings: ConvolutionSettings,
): ReturnType<typeof ownKernel<'ConvolutionInputGrad'>> {
  const { stride, dilation, groups } = settings;
  const isSupported = Math.max(...dilation) === 1 && (groups === 1 || isDepthwise(settings));
  return isSupported && Math.max(...stride) > 1 ? ownKernel('ConvolutionInputGrad') : null;
}
