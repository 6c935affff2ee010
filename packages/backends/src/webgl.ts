import * as tf from '@tensorflow/tfjs-core';
import { TouchstoneError } from '@touchstone/contract';
import type { Backend, Device } from './backend.js';
import { isSoftware } from './renderer.js';
import { probeBy, selectBackend } from './select.js';

/** The members of the WebGL context that are used here. */
interface Context {
  getExtension(name: string): { readonly UNMASKED_RENDERER_WEBGL: number } | null;
  getParameter(name: number): string;
  isContextLost(): boolean;
  readonly RENDERER: number;
}

/** Disposed textures are kept for reuse up to this many bytes in all: one page serves many cases of many sizes. */
const keptTextureBytes = 2 ** 28;

let context: Context | undefined;

/** In a page only. Whether textures hold float32 or float16 depends on the device, and is measured. */
export const webgl: Backend = {
  id: 'webgl',
  title: 'TF.js on WebGL, in Chromium',
  supportsWorkers: false,
  passBytes: 2 ** 29,
  pytorchDevice: 'gpu',
  deterministic: true,
  runtimes: ['page'],
  multiplyAddsPerSecond: 1e9,
  probe: () => probeBy(open),
  open: async () => {
    await open();
  },
  whyLost: () => (context?.isContextLost() ? 'the WebGL context was lost' : null),
};

async function open(): Promise<Device> {
  await import('@tensorflow/tfjs-backend-webgl');
  // Small tensors are computed on the GPU too.
  tf.env().set('WEBGL_CPU_FORWARD', false);
  // One shader for all shapes of a rank would save compile time, but gave wrong gradients; see docs/backends.md.
  tf.env().set('WEBGL_USE_SHAPES_UNIFORMS', false);
  tf.env().set('WEBGL_DELETE_TEXTURE_THRESHOLD', keptTextureBytes);
  if (tf.env().getNumber('WEBGL_VERSION') !== 2)
    throw new TouchstoneError(
      'backend-unavailable',
      'WebGL 2 is not available here',
      'Open chrome://gpu in the browser to see why.',
    );
  await selectBackend('webgl');
  context = (tf.backend() as unknown as { gpgpu: { gl: Context } }).gpgpu.gl;
  const unmasked = context.getExtension('WEBGL_debug_renderer_info');
  const renderer = context.getParameter(unmasked === null ? context.RENDERER : unmasked.UNMASKED_RENDERER_WEBGL);
  return { device: renderer, softwareRenderer: isSoftware(renderer) };
}
