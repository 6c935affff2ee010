import { TouchstoneError } from '@touchstone/contract';
import type { Gpu } from './gpu.js';

/**
 * Dawn, from the package `webgpu`, on the system's Vulkan driver, else on the one that comes with Chromium. Defines the
 * browser globals that TF.js looks for.
 *
 * @throws TouchstoneError `backend-unavailable`
 */
export async function provideGpu(): Promise<Gpu> {
  const { create, globals } = await loadDawn();
  let gpu: Gpu['gpu'] = create([]);
  if (
    process.platform === 'linux' &&
    !process.env['VK_ICD_FILENAMES'] &&
    !process.env['VK_DRIVER_FILES'] &&
    (await gpu.requestAdapter({})) === null
  ) {
    const { softwareVulkan } = await import('@touchstone/browser');
    const driver = softwareVulkan();
    if (driver !== null) {
      process.env['VK_ICD_FILENAMES'] = driver;
      gpu = create([]);
    }
  }
  Object.assign(globalThis, globals);
  // Node 20 has no navigator; later versions have one that cannot be assigned to.
  const page = globalThis as { navigator?: object };
  if (page.navigator === undefined) page.navigator = {};
  Object.defineProperty(page.navigator, 'gpu', { value: gpu, configurable: true });
  return {
    gpu,
    host: 'Dawn in Node',
    remedy: 'Install a Vulkan driver and its loader (on Debian: mesa-vulkan-drivers and libvulkan1).',
  };
}

async function loadDawn(): Promise<typeof import('webgpu')> {
  try {
    return await import('webgpu');
  } catch (error) {
    const [reason] = (error instanceof Error ? error.message : String(error)).split('\n');
    throw new TouchstoneError(
      'backend-unavailable',
      `Dawn cannot be loaded: ${reason}`,
      'Run "npm ci"; the package "webgpu" supports Linux, macOS and Windows on x64 and arm64.',
    );
  }
}
