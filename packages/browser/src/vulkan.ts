import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findChromium } from './chromium.js';

const description = 'vk_swiftshader_icd.json';

/** The file that describes Chromium's software Vulkan driver to Vulkan's loader, on Linux; null: not found. */
export function softwareVulkan(): string | null {
  let program: string;
  try {
    program = realpathSync(findChromium());
  } catch {
    return null;
  }
  // Debian's program is a script in another folder.
  const folders = [dirname(program), '/usr/lib/chromium', '/usr/lib/chromium-browser'];
  return folders.map((folder) => join(folder, description)).find((file) => existsSync(file)) ?? null;
}
