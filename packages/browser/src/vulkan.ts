import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findChromium } from './chromium.js';

const description = 'vk_swiftshader_icd.json';

/**
 * The description of the Vulkan driver in software that comes with Chromium, for Vulkan's loader;
 * null: none is found. Linux.
 */
export function softwareVulkan(): string | null {
  let program: string;
  try {
    program = realpathSync(findChromium());
  } catch {
    return null;
  }
  // Debian's program is a script that stands elsewhere.
  const folders = [dirname(program), '/usr/lib/chromium', '/usr/lib/chromium-browser'];
  return folders.map((folder) => join(folder, description)).find((file) => existsSync(file)) ?? null;
}
