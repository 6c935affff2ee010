import { isAbsolute, relative, resolve } from 'node:path';
import { TouchstoneError, type ErrorCode } from '@touchstone/contract';

/** `path` below `root`; a path that is absolute or leaves `root` is an error with `code`. */
export function below(root: string, path: string, code: ErrorCode): string {
  const whole = resolve(root, path);
  const back = relative(root, whole);
  if (isAbsolute(path) || path.includes('\0') || back === '' || back.startsWith('..') || isAbsolute(back)) {
    throw new TouchstoneError(
      code,
      `"${path}" leaves its folder ${root}`,
      'Use a path inside the folder, without "..".',
    );
  }
  return whole;
}
