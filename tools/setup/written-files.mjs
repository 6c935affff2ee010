import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Data, and what programs write. */
const notWritten = [
  /^golden\//,
  /^benchmarks\/networks\//,
  /^docs\/schemas\//,
  /\/src\/generated\//,
  /(^|\/)package-lock\.json$/,
];

/**
 * The files of the repository at `root` that people write: tracked by git or not yet added, neither data nor output.
 *
 * @param {RegExp} names which files by their path from `root`, with `/`
 * @returns {string[]} such paths
 */
export function writtenFiles(root, names) {
  const known = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  return known
    .split('\0')
    .filter((file) => names.test(file) && !notWritten.some((pattern) => pattern.test(file)))
    .filter((file) => existsSync(join(root, file))); // git's index has a deleted file until it is added
}
