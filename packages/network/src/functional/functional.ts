/**
 * Differentiable operations on variables, named as in `torch.nn.functional`. 4-D values are NHWC; `dim` counts NCHW
 * dimensions.
 */
export { flip, indexSelect, roll, select, slice } from './along-dim.js';
export { scaledDotProductAttention } from './attention.js';
export { abs, formulas } from './activations.js';
export { add, div, maximum, minimum, mul, scale, sub } from './arithmetic.js';
export { batchNorm } from './batch-norm.js';
export { adaptiveMaxPool2d } from './adaptive-max-pool2d.js';
export { conv2d, conv2dOfWeight, kernelsOfWeight, fusedConv2d } from './conv2d.js';
export { convTranspose2d, transposedKernels } from './conv-transpose2d.js';
export { linear } from './linear.js';
export { adaptiveAvgPool2d, avgPool2d, interpolate } from './linear-maps.js';
export { groupNorm, layerNorm, localResponseNorm, rmsNorm } from './normalisation.js';
export { pad } from './pad.js';
export { matmul } from './matmul.js';
export { maxPool2d } from './max-pool2d.js';
export { expand, permute, reshape } from './movement.js';
export { pointwise } from './pointwise.js';
export type { PoolSettings } from './pooled-size.js';
export { prelu } from './prelu.js';
export { amax, max, mean, norm, sum } from './reductions.js';
export { relu } from './relu.js';
export { cat, clone, flatten, gradientLeaf, zeroPad2d } from './shape.js';
export { logSoftmax, softmax } from './softmax.js';
