/**
 * Enforces the direction of imports of docs and design: `contract ← network ← methods`, `contract ← browser ←
 * backends`, `harness` above them, `report`, `cli`, `benchmarks` and `examples` above it. Tests are held to it too.
 * Prints `file:line`, the reason and the line; exit status 1.
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const engines = ['contract', 'network', 'methods', 'backends'];

/** Package → the packages that it may import. */
const mayImport = {
  contract: [],
  system: ['contract'],
  port: ['contract', 'system', 'network', 'methods', 'onnx'],
  network: ['contract'],
  onnx: ['contract', 'network'],
  methods: ['contract', 'network'],
  browser: ['contract', 'system'],
  backends: ['contract', 'browser'],
  images: ['contract', 'methods', 'system'],
  session: [...engines, 'browser', 'system', 'port'],
  harness: [...engines, 'session', 'system', 'port'],
  laws: [...engines, 'browser', 'session', 'system'],
  fuzz: [...engines, 'session', 'system', 'laws'],
  report: ['contract', 'methods', 'images', 'harness', 'system', 'browser'],
  benchmarks: [...engines, 'session', 'system', 'harness'],
  examples: [...engines, 'session', 'system'],
  api: ['contract', 'methods', 'system', 'port', 'session', 'harness', 'report', 'cli'],
  cli: [...engines, 'system', 'port', 'session', 'images', 'harness', 'report', 'benchmarks', 'laws', 'fuzz'],
};

/**
 * Packages that may not use TF.js at all, and packages that may use a TF.js backend and not only its core; tests need a
 * backend.
 */
const withoutTensorFlow = new Set(['contract']);
const withEngines = new Set(['backends', 'benchmarks']);
/** Package → what it may use of TF.js in addition to the core. */
const withMore = { port: ['@tensorflow/tfjs-layers'] };

/** `from "x"`, `import "x"`, `import("x")`, `require("x")`, `vi.mock("x")`. */
const specifier = /(?:\bfrom\s*|\bimport\s*\(?\s*|\brequire(?:\.resolve)?\(\s*|\bmock\(\s*)(['"])(?<name>[^'"]+)\1/g;

/** Every import that breaks a rule, in the workspace at `root`: `{ file, line, reason, text }`. */
export function violations(root) {
  const found = [];
  for (const [name, folder] of packages(root)) {
    const declared = Object.keys(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).dependencies ?? {});
    for (const file of [...filesIn(join(folder, 'src')), ...filesIn(join(folder, 'bin'))]) {
      for (const [index, text] of readFileSync(file, 'utf8').split('\n').entries()) {
        if (/^\s*(\*|\/\/|\/\*)/.test(text)) continue;
        for (const { groups } of text.matchAll(specifier)) {
          const reason = broken(root, name, folder, file, groups.name, declared);
          if (reason !== null) found.push({ file: relative(root, file), line: index + 1, reason, text: text.trim() });
        }
      }
    }
  }
  return found;
}

function broken(root, name, folder, file, imported, declared) {
  if (imported.startsWith('.')) {
    const target = resolve(dirname(file), imported);
    return target.startsWith(folder + sep) ? null : `leaves the package; import another one by its name`;
  }
  const [, other, inside] = /^@touchstone\/([^/]+)(\/.*)?$/.exec(imported) ?? [];
  if (other !== undefined) {
    if (inside !== undefined && !entries(root, other).includes(`.${inside}`))
      return `reaches inside @touchstone/${other}; import what its index exports`;
    if (other === name) return 'imports its own package by name';
    if (!mayImport[name].includes(other)) return `${name} must not import ${other}`;
    return declared.includes(`@touchstone/${other}`)
      ? null
      : `@touchstone/${other} is not among the dependencies in package.json`;
  }
  if (!imported.startsWith('@tensorflow/')) return null;
  if (withoutTensorFlow.has(name)) return `${name} must not import TF.js`;
  const allowed =
    imported === '@tensorflow/tfjs-core' ||
    withEngines.has(name) ||
    withMore[name]?.includes(imported) ||
    (file.endsWith('.test.ts') && imported.startsWith('@tensorflow/tfjs-backend-'));
  return allowed ? null : `${name} may import @tensorflow/tfjs-core only`;
}

/** What a package offers in addition to its index, such as `./page`. */
function entries(root, name) {
  const file = join(root, 'packages', name, 'package.json');
  return existsSync(file) ? Object.keys(JSON.parse(readFileSync(file, 'utf8')).exports ?? {}) : [];
}

function packages(root) {
  const inPackages = readdirSync(join(root, 'packages')).map((name) => [name, join(root, 'packages', name)]);
  const others = ['benchmarks', 'examples'].map((name) => [name, join(root, name)]);
  const all = [...inPackages, ...others].filter(([, folder]) => existsSync(join(folder, 'package.json')));
  for (const [name] of all) {
    if (!Object.hasOwn(mayImport, name))
      throw new Error(`packages/${name} has no row in the table of tools/setup/check-imports.mjs; add one`);
  }
  return all;
}

function filesIn(folder) {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && /\.m?[jt]sx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const found = violations(fileURLToPath(new URL('../..', import.meta.url)).replace(/[/\\]$/, ''));
  for (const { file, line, reason, text } of found) console.error(`${file}:${line}: ${reason}\n    ${text}`);
  process.exitCode = found.length > 0 ? 1 : 0;
}
