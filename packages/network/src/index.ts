export { blocksOf, type Block } from './modules/blocks.js';
export { backward, grad } from './autograd/backward.js';
export { type Gradient, type TensorHook } from './autograd/node.js';
export { Variable } from './autograd/variable.js';
export { adaptivePoolMap, applyAxisMaps, averagePoolMap, axisMap, type AxisMap } from './ops/axis-maps.js';
export { resizeBicubic, resizeBilinear, resizeMaps } from './ops/resize-maps.js';
export { paddedIndex } from './ops/axis-padding.js';
export { adaptiveWindows } from './functional/adaptive-max-pool2d.js';
export { windowCount } from './ops/window-count.js';
export { constant, fromHost, nchwShape, scoped, toHost } from './layout.js';
export { adam } from './optimisers.js';
export { drawUniform } from './generator.js';
export { abs, add, amax, clone, gradientLeaf, interpolate, linear, mul, norm, scale } from './functional/functional.js';
export { RemovableHandle } from './autograd/hooks.js';
export {
  Module,
  registerModuleForwardHook,
  registerModuleForwardPreHook,
  registerModuleFullBackwardHook,
  registerModuleFullBackwardPreHook,
  type ForwardHook,
  type ForwardPreHook,
  type FullBackwardHook,
  type FullBackwardPreHook,
} from './modules/module.js';
export { seededWeights } from './modules/seeded-weights.js';
export { Network, loadNetwork } from './modules/network.js';
export { parseNetwork } from './modules/parse-network.js';
export { multiplyAddsOf } from './modules/multiply-adds.js';
export { operationsOf, type Operation, type Operations } from './modules/operations.js';
export { modulePaths } from './modules/resolve.js';
export { shapesOf, type Shape, type Shapes } from './modules/shapes.js';
export { weightReaders } from './modules/weight-readers.js';
export { isReadFrom, readParts, type ModuleCall, type Positions } from './modules/read-parts.js';
export { probeIds, runProbes, type ProbeAnswers, type ProbeQuestion } from './probes/run-probes.js';
export type { ProbeAnswer } from './probes/probe.js';
export { indexSelect } from './functional/along-dim.js';
export { deconvRelu, firstMaximum, guidedRelu, plainRelu, pytorchRules, type GradientRules } from './rules.js';
export { matrixProduct } from './ops/matrix-product.js';
export { offsets, unfoldAt, type Window } from './ops/windows.js';
export { reluOf } from './ops/relu.js';
export { winogradConvolve, winogradKernel, winogradPays } from './ops/winograd.js';
export { version_core as tfjsVersion } from '@tensorflow/tfjs-core';
