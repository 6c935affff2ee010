/**
 * `node tools/setup/complete-lock.mjs package-lock.json`: adds the optional binaries of other platforms that npm left
 * out because its registry lacks them. Without these entries `npm ci` stops, because the lock file is out of date.
 */
import { readFileSync, writeFileSync } from 'node:fs';

/** `…-linux-x64-gnu` and the like */
const platform = new RegExp(
  [
    '(?:^|[-/])(?<os>linux|darwin|win32|freebsd|android|openharmony|netbsd|openbsd|aix|sunos|wasm32)',
    '(?<cpu>arm64|arm|x64|ia32|ppc64|riscv64|s390x|wasi)?',
    '(?<abi>gnueabihf|musleabihf|eabi|gnu|musl|msvc)?$',
  ].join('-?'),
);

const [file = 'package-lock.json'] = process.argv.slice(2);
const lock = JSON.parse(readFileSync(file, 'utf8'));
let added = 0;

for (const [path, { optionalDependencies = {}, dev }] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(optionalDependencies)) {
    if (isLocked(path, name) || !/^\d+\.\d+\.\d+$/.test(version)) continue;
    const found = platform.exec(name)?.groups;
    if (!found) continue;
    const libc =
      found.os === 'linux' && found.abi?.startsWith('gnu')
        ? ['glibc']
        : found.abi?.startsWith('musl')
          ? ['musl']
          : undefined;
    lock.packages[`node_modules/${name}`] = {
      version,
      cpu: [found.cpu],
      ...(dev && { dev }),
      ...(libc && { libc }),
      optional: true,
      os: [found.os],
    };
    added++;
  }
}

const { '': root, ...rest } = lock.packages;
lock.packages = { '': root, ...Object.fromEntries(Object.entries(rest).sort(([a], [b]) => a.localeCompare(b, 'en'))) };
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`${added} entries added`);

/** Whether Node would find `name` from the package at `path`. */
function isLocked(path, name) {
  for (let at = path; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
    if (lock.packages[`${at && `${at}/`}node_modules/${name}`]) return true;
    if (at === '') return false;
  }
}
