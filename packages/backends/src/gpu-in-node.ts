import { loadOptional } from '@touchstone/contract';
import type { Gpu } from './gpu.js';

/**
 * Dawn, from the package `webgpu`, on the system's Vulkan driver, else on the one that comes with Chromium. Defines the
 * browser globals that TF.js looks for.
 *
 * @throws TouchstoneError `backend-unavailable`
 */
export async function provideGpu(): Promise<Gpu> {
  const { create, globals } = await loadOptional('webgpu', () => import('webgpu'), 'backend-unavailable');
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
