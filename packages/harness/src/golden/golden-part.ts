/** An installed part of the goldens: the manifest and the cases are whole, files of other cases are not there. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { parseJson, TouchstoneError } from '@touchstone/contract';
import { goldenPackages, readText } from '@touchstone/system';

export const partFile = 'part.json';

/** `part.json` of a package with data: the profile whose cases it holds. */
export const GoldenPart = z.strictObject({ profile: z.literal('quick') });

/** Whether the folder holds a part; otherwise it holds, or should hold, all. */
export function isPart(root: string): boolean {
  const file = join(root, partFile);
  if (!existsSync(file)) return false;
  parseJson(readText(file, 'golden-damaged'), GoldenPart, file, 'golden-damaged');
  return true;
}

/** @param what is lacking, such as "3 of the cases are" */
export function notInstalled(what: string): TouchstoneError {
  return new TouchstoneError(
    'missing-package',
    `${what} not installed: ${goldenPackages.quick} holds what the cases of the profile "quick" need`,
    `Run "npm install --save-dev ${goldenPackages.full}", which holds all.`,
  );
}
