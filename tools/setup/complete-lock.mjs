import { readFileSync, writeFileSync } from 'node:fs';
const file = process.argv[2];
const lock = JSON.parse(readFileSync(file, 'utf8'));
let added = 0;
for (const [path, entry] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    // resolve as Node would
    let at = path, found = false;
    for (;;) {
      if (lock.packages[`${at ? at + '/' : ''}node_modules/${name}`]) { found = true; break; }
      if (at === '') break;
      const i = at.lastIndexOf('/node_modules/');
      at = i < 0 ? '' : at.slice(0, i);
    }
    if (found) continue;
    if (!/^\d+\.\d+\.\d+$/.test(version)) { console.log('range, left', name, version); continue; }
    const m = /(?:^|[-/])(linux|darwin|win32|freebsd|android|openharmony|netbsd|openbsd|aix|sunos|wasm32)-?(arm64|arm|x64|ia32|ppc64|riscv64|s390x|wasi)?-?(gnueabihf|musleabihf|eabi|gnu|musl|msvc)?$/.exec(name);
    if (!m) { console.log('unparsed', name); continue; }
    const [, os, cpu, abi] = m;
    const e = { version, cpu: [cpu] };
    if (entry.dev) e.dev = true;
    if (abi?.startsWith('gnu') && os === 'linux') e.libc = ['glibc'];
    if (abi?.startsWith('musl')) e.libc = ['musl'];
    e.optional = true; e.os = [os];
    lock.packages[`node_modules/${name}`] = e;
    added++;
    console.log(name, JSON.stringify(e));
  }
}
const { '': root, ...rest } = lock.packages;
lock.packages = { '': root, ...Object.fromEntries(Object.entries(rest).sort(([a], [b]) => a.localeCompare(b, 'en'))) };
writeFileSync(file, JSON.stringify(lock, null, 2) + '\n');
console.log('added', added);
