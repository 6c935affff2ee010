import { TouchstoneError } from '@touchstone/contract';
import type { Gpu } from './gpu.js';

/**
 * Dawn, by the package `webgpu`, on the system's Vulkan driver, else on the one that comes with Chromium. Gives the
 * process the globals of a page that TF.js looks for.
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
  // Node 20 has no navigator, later ones have one that nothing can be assigned to.
  const page = globalThis as { navigator?: object };
  if (page.navigator === undefined) page.navigator = {};
  Object.defineProperty(page.navigator, 'gpu', { value: gpu, configurable: true });
  return {
    gpu,
    host: 'Dawn in Node',
    remedy: "is there a Vulkan driver, and its loader? Debian's are mesa-vulkan-drivers and libvulkan1",
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
      'the package "webgpu" has it for Linux, macOS and Windows on x64 and arm64: npm ci',
    );
  }
}
