import { existsSync, readdirSync } from 'node:fs';

/** One way of starting Chromium. */
export interface Graphics {
  readonly title: string;
  readonly flags: readonly string[];
}

/**
 * Also drivers of which Chromium thinks little: what they compute is looked at. With the adapter's whole name. Never
 * with Chromium's own compositing on Vulkan too (`--enable-features=Vulkan`): its GPU process died on an H100 without a
 * display, and in software hung at the first context where Mesa's drivers are installed.
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

/** There is no display on a server, so Linux draws through Vulkan; other systems know best themselves. */
const hardware: Readonly<Record<string, readonly string[]>> = {
  linux: [...anyDriver, '--use-angle=vulkan', '--disable-gpu-sandbox'],
};

/**
 * The ways to try, in order: the first on which the engine runs is taken. Flags of one's own stand in
 * TOUCHSTONE_CHROMIUM_FLAGS, between spaces.
 */
export function waysToDraw(environment: Readonly<Record<string, string | undefined>> = process.env): Graphics[] {
  const own = environment['TOUCHSTONE_CHROMIUM_FLAGS']?.split(/\s+/).filter((flag) => flag !== '');
  if (own !== undefined && own.length > 0) return [{ title: 'TOUCHSTONE_CHROMIUM_FLAGS', flags: own }];
  return hasGpu() ? [{ title: 'hardware', flags: hardware[process.platform] ?? anyDriver }, software] : [software];
}

/** Whether it is worth while to try; elsewhere than on Linux there is always something. */
function hasGpu(): boolean {
  if (process.platform !== 'linux') return true;
  if (['/dev/nvidiactl', '/dev/dxg'].some((path) => existsSync(path))) return true;
  return existsSync('/dev/dri') && readdirSync('/dev/dri').some((name) => name.startsWith('renderD'));
}
