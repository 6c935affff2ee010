export { alexnet } from './alexnet.js';
export { convPool } from './conv-pool.js';
export { examples, type Example } from './examples.js';
export { gradCam } from './grad-cam.js';
export { inputGradient } from './input-gradient.js';
export { deconv, deconvByBackwardHooks, guided, outOfPlace } from './relu-masks.js';
export { gradientTimesSix, scalarProduct } from './scalar-product.js';
export { surgery } from './surgery.js';
export { withHooks } from './with-hooks.js';
