import * as tf from '@tensorflow/tfjs-core';
import { provideGpu } from '#gpu';
import { loadOptional, TouchstoneError } from '@touchstone/contract';
import type { Backend, Device } from './backend.js';
import { isSoftware } from './renderer.js';
import { probeBy, selectBackend } from './select.js';

interface AdapterInfo {
  readonly vendor: string;
  readonly architecture: string;
  readonly device: string;
  readonly description: string;
  readonly isFallbackAdapter?: boolean;
}

interface LosableDevice {
  readonly lost: Promise<{ readonly reason: string; readonly message: string }>;
}

let opened: Device | undefined;
let lost: string | null = null;

/** In Chromium where it offers an adapter, else in Node through Dawn. */
export const webgpu: Backend = {
  id: 'webgpu',
  title: 'TF.js on WebGPU, in Chromium or Dawn',
  supportsWorkers: false,
  passBytes: 2 ** 30,
  pytorchDevice: 'gpu',
  deterministic: true,
  runtimes: ['page', 'process'],
  multiplyAddsPerSecond: 1e9,
  probe: () => probeBy(open),
  open: async () => {
    await open();
  },
  whyLost: () => lost,
};

async function open(): Promise<Device> {
  opened ??= await start();
  await selectBackend('webgpu');
  return opened;
}

async function start(): Promise<Device> {
  const { gpu, host, remedy } = await provideGpu();
  const adapter = (await gpu.requestAdapter({ powerPreference: 'high-performance' })) as {
    readonly info: AdapterInfo;
  } | null;
  if (adapter === null) throw new TouchstoneError('backend-unavailable', `${host} offers no WebGPU adapter`, remedy);
  const load = () => import('@tensorflow/tfjs-backend-webgpu');
  await loadOptional('@tensorflow/tfjs-backend-webgpu', load, 'backend-unavailable');
  // Small tensors are computed on the GPU too.
  tf.env().set('WEBGPU_CPU_FORWARD', false);
  await selectBackend('webgpu');
  void (tf.backend() as unknown as { device: LosableDevice }).device.lost.then(
    ({ reason, message }) => (lost = `the WebGPU device was lost (${reason}): ${message}`),
  );
  const { vendor, architecture, device, description, isFallbackAdapter } = adapter.info;
  const name =
    [description || device || vendor, architecture].filter((part) => part !== '').join(', ') ||
    'an adapter without a name';
  return {
    device: `${name}, ${host}`,
    softwareRenderer: isFallbackAdapter === true || isSoftware(`${name} ${vendor}`),
  };
}
