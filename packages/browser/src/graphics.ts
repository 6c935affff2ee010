import { existsSync, readdirSync } from 'node:fs';

/** One way to start Chromium. */
export interface Graphics {
  readonly title: string;
  readonly flags: readonly string[];
}

/**
 * Allows drivers that Chromium blocks, because results are verified, and shows the adapter's full name. Chromium's own
 * compositing on Vulkan (`--enable-features=Vulkan`) stays off: with it the GPU process crashed on an H100 without a
 * display, and with SwiftShader it hung at the first context where Mesa's drivers are installed.
 */
const anyDriver = ['--ignore-gpu-blocklist', '--enable-unsafe-webgpu', '--enable-webgpu-developer-features'];

const software: Graphics = {
  title: 'software',
  flags: [
    ...anyDriver,
    '--use-angle=swiftshader',
    '--enable-unsafe-swiftshader',
    '--use-webgpu-adapter=swiftshader',
    '--disable-gpu-sandbox',
  ],
};

/** A server has no display, so Linux draws through Vulkan; other systems use their defaults. */
const hardware: Readonly<Record<string, readonly string[]>> = {
  linux: [...anyDriver, '--use-angle=vulkan', '--disable-gpu-sandbox'],
};

/**
 * The ways to try, in order; the first that works is used. TOUCHSTONE_CHROMIUM_FLAGS, separated by spaces, replaces
 * them.
 */
export function waysToDraw(environment: Readonly<Record<string, string | undefined>> = process.env): Graphics[] {
  const own = environment['TOUCHSTONE_CHROMIUM_FLAGS']?.split(/\s+/).filter((flag) => flag !== '');
  if (own !== undefined && own.length > 0) return [{ title: 'TOUCHSTONE_CHROMIUM_FLAGS', flags: own }];
  return hasGpu() ? [{ title: 'hardware', flags: hardware[process.platform] ?? anyDriver }, software] : [software];
}

/** Whether a GPU may be there. Only Linux can be without any graphics device. */
function hasGpu(): boolean {
  if (process.platform !== 'linux') return true;
  if (['/dev/nvidiactl', '/dev/dxg'].some((path) => existsSync(path))) return true;
  return existsSync('/dev/dri') && readdirSync('/dev/dri').some((name) => name.startsWith('renderD'));
}
