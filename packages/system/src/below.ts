import { existsSync, realpathSync } from 'node:fs';
import { isAbsolute, relative, resolve, sep } from 'node:path';
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

/** The real path of what `below` gives, which exists; a link that leaves `root` is an error with `code`. */
export function realBelow(root: string, path: string, code: ErrorCode): string {
  const whole = below(root, path, code);
  if (!existsSync(whole)) throw new TouchstoneError(code, `${whole}: no such file`);
  const real = realpathSync(whole);
  if (!real.startsWith(realpathSync(root) + sep))
    throw new TouchstoneError(code, `${whole} is a link to a file outside of its folder`);
  return real;
}
