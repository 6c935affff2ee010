/** What a page can run; nothing here needs Node. */
import type { Backend } from './backend.js';
import { webgl } from './webgl.js';
import { webgpu } from './webgpu.js';

export type { Availability, Backend } from './backend.js';

/** Every backend that has `page` among its homes. */
export const pageBackends: readonly Backend[] = [webgl, webgpu];

/** Registers TF.js's own gradients, which the core alone has not, for everybody in this page: for the probes and benchmarks of stock TF.js only. */
export async function registerStockGradients(): Promise<void> {
  // Without types of its own.
  await import('@tensorflow/tfjs-core/dist/register_all_gradients.js');
}
