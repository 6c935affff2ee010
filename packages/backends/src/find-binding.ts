import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TouchstoneError } from '@touchstone/contract';
import { truncatedLibrary } from './truncated-library.js';

type Hardware = 'cpu' | 'gpu';

const setUp = fileURLToPath(new URL('../../../tools/setup/tensorflow.mjs', import.meta.url));

/** The hint where there is no library for the device: only a clone of Touchstone can build one. */
export function setUpFor(device: Hardware, purpose = ''): string {
  if (!existsSync(setUp))
    return `Run "npm install --save-dev @tensorflow/tfjs-node${device === 'gpu' ? '-gpu' : ''}@4.22.0".`;
  return `Run "npm run setup:tensorflow${device === 'gpu' ? ' -- --gpu' : ''}"${purpose}.`;
}

/** The hint of an error for a broken library. */
export function rebuildFor(device: Hardware): string {
  return setUpFor(device, ' to build it again');
}

/**
 * The files that set-up built, else those of an installed package whose own install script has run.
 *
 * @throws TouchstoneError `backend-unavailable` where there are none, or one is missing or truncated
 */
export function findBinding(folder: string, device: Hardware): { packageFolder: string; addon: string } {
  const built = {
    packageFolder: join(folder, 'node_modules', '@tensorflow', 'tfjs-node-gpu'),
    addon: join(folder, 'tfjs_binding.node'),
  };
  if (existsSync(folder)) {
    const missing = Object.values(built).find((path) => !existsSync(path));
    if (missing) throw new TouchstoneError('backend-unavailable', `${missing} is missing`, rebuildFor(device));
    const truncated = truncatedLibrary(join(folder, 'tensorflow'));
    if (truncated !== null)
      throw new TouchstoneError('backend-unavailable', `${truncated} is truncated`, rebuildFor(device));
    return built;
  }
  for (const name of ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node']) {
    const installed = findInstalled(name);
    if (installed) return installed;
  }
  throw new TouchstoneError('backend-unavailable', 'TensorFlow is not set up', setUpFor(device));
}

function findInstalled(name: string): { packageFolder: string; addon: string } | null {
  let packageFolder: string;
  try {
    packageFolder = dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
  } catch {
    return null;
  }
  const library = join(packageFolder, 'lib');
  const version = existsSync(library) ? readdirSync(library).find((entry) => entry.startsWith('napi-v')) : undefined;
  return version === undefined ? null : { packageFolder, addon: join(library, version, 'tfjs_binding.node') };
}
