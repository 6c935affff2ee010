import { TouchstoneError } from '@touchstone/contract';
import type { Gpu } from './gpu.js';

const remedy = 'Open chrome://gpu to see why.';

/** The browser's own. @throws TouchstoneError `backend-unavailable` */
export async function provideGpu(): Promise<Gpu> {
  const { gpu, userAgent } = (globalThis as unknown as { navigator: { gpu?: Gpu['gpu']; userAgent: string } })
    .navigator;
  if (gpu === undefined) throw new TouchstoneError('backend-unavailable', 'the browser offers no WebGPU', remedy);
  const [, version] = /Chrome\/(\d+)/.exec(userAgent) ?? [];
  return { gpu, host: version === undefined ? 'the browser' : `Chromium ${version}`, remedy };
}
