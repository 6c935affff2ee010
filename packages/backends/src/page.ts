/** The backends that run in a page, without Node.js. */
import type { Backend } from './backend.js';
import { webgl } from './webgl.js';
import { webgpu } from './webgpu.js';

export type { Availability, Backend } from './backend.js';

/** Every backend that has `page` among its runtimes. */
export const pageBackends: readonly Backend[] = [webgl, webgpu];

/** As in `stock-gradients.ts`, for a page. */
export async function registerStockGradients(): Promise<void> {
  // The file has no type declarations.
  await import('@tensorflow/tfjs-core/dist/register_all_gradients.js');
}
