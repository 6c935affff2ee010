/** Where the goldens are: in a clone of Touchstone, or in a package with data. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { TouchstoneError } from '@touchstone/contract';

/** The packages that hold goldens: all of them, or those of the quick cases. */
export const goldenPackages = { full: 'touchstone-golden-full', quick: 'touchstone-golden' } as const;

const ofClone = fileURLToPath(new URL('../../../golden', import.meta.url));

/**
 * The folder of the goldens: of the clone, else of an installed package, as a project in `folder` finds it, then as
 * Touchstone itself does. Where there is none: a folder that does not exist, which `refuseNoGolden` refuses.
 */
export function findGolden(folder: string = process.cwd(), clone: string = ofClone): string {
  if (existsSync(clone)) return clone;
  for (const from of [pathToFileURL(join(folder, 'package.json')), import.meta.url]) {
    const { resolve } = createRequire(from);
    for (const name of Object.values(goldenPackages)) {
      try {
        return join(dirname(resolve(`${name}/package.json`)), 'golden');
      } catch {
        // The next is asked.
      }
    }
  }
  return clone;
}

/** @throws TouchstoneError `missing-package` where `root` is what `findGolden` gives for none */
export function refuseNoGolden(root: string, clone: string = ofClone): void {
  if (root !== clone || existsSync(root)) return;
  throw new TouchstoneError(
    'missing-package',
    'no goldens are installed',
    `Run "npm install --save-dev ${goldenPackages.quick}", or give their folder with --golden.`,
  );
}
