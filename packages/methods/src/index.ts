export { explain, type Explanation } from './explain.js';
export type { Method, MethodJob, PictureStyle } from './method.js';
export { findMethod, methods } from './registry.js';
export type { SketchProbe } from './sketch.js';
