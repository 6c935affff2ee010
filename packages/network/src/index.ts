export { backward, grad } from './engine.js';
export { type Gradient, type TensorHook } from './node.js';
export { Variable } from './variable.js';
export { resizeBilinear, applyAxisMaps, axisMap } from './axis-maps.js';
export { constant, fromHost, scoped, toHost } from './door.js';
export { add, clone, linear, mul, scale, tap } from './functional.js';
export { RemovableHandle } from './hooks.js';
export {
  Module, registerModuleForwardHook, registerModuleForwardPreHook, registerModuleFullBackwardHook, registerModuleFullBackwardPreHook,
  type ForwardHook, type ForwardPreHook, type FullBackwardHook, type FullBackwardPreHook,
} from './module.js';
export { Network, loadNetwork } from './network.js';
export { parseNetwork } from './parse-network.js';
export { deconvRelu, firstMaximum, guidedRelu, plainRelu, type GradientRules } from './rules.js';
export { offsets, take, type Window } from './windows.js';
