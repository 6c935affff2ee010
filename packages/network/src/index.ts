export { blocksOf, type Block } from './blocks.js';
export { backward, grad } from './autograd.js';
export { type Gradient, type TensorHook } from './node.js';
export { Variable } from './variable.js';
export { resizeBicubic, resizeBilinear, applyAxisMaps, axisMap } from './axis-maps.js';
export { constant, fromHost, scoped, toHost } from './layout.js';
export { drawUniform } from './generator.js';
export { add, clone, interpolateBilinear, linear, mul, scale, tap } from './functional.js';
export { RemovableHandle } from './hooks.js';
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
} from './module.js';
export { drawnWeights } from './seeded-weights.js';
export { Network, loadNetwork } from './network.js';
export { parseNetwork } from './parse-network.js';
export { probeIds, runProbes, type ProbeAnswers, type ProbeQuestion } from './probes/run-probes.js';
export type { ProbeAnswer } from './probes/probe.js';
export { abs, amax, indexSelect, norm } from './reductions.js';
export { deconvRelu, firstMaximum, guidedRelu, plainRelu, pytorchRules, type GradientRules } from './rules.js';
export { offsets, take, type Window } from './windows.js';
export { winogradConvolve, winogradKernel, winogradPays } from './winograd.js';
