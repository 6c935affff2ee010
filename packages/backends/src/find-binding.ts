import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { TouchstoneError } from '@touchstone/contract';
import { truncatedLibrary } from './truncated-library.js';

const setUp = 'npm run setup:tensorflow';
/** The hint of an error for a broken library. */
export const rebuild = `Run "${setUp}" to build it again.`;

/**
 * The files that set-up built, else those of an installed package whose own install script has run.
 *
 * @throws TouchstoneError `backend-unavailable` where there are none, or one is missing or truncated
 */
export function findBinding(folder: string): { packageFolder: string; addon: string } {
  const built = {
    packageFolder: join(folder, 'node_modules', '@tensorflow', 'tfjs-node-gpu'),
    addon: join(folder, 'tfjs_binding.node'),
  };
  if (existsSync(folder)) {
    const missing = Object.values(built).find((path) => !existsSync(path));
    if (missing) throw new TouchstoneError('backend-unavailable', `${missing} is missing`, rebuild);
    const truncated = truncatedLibrary(join(folder, 'tensorflow'));
    if (truncated !== null) throw new TouchstoneError('backend-unavailable', `${truncated} is truncated`, rebuild);
    return built;
  }
  for (const name of ['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node']) {
    const installed = findInstalled(name);
    if (installed) return installed;
  }
  throw new TouchstoneError('backend-unavailable', 'TensorFlow is not set up', `Run "${setUp}".`);
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
