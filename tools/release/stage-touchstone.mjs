/**
 * Puts together what the package `touchstone` holds: the clone's folders without sources, tests and source maps, so
 * that every path between its files is the clone's. Imports of workspaces become relative: no registry has them.
 */
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { packageFolders } from '../setup/up-to-date.mjs';

export const root = fileURLToPath(new URL('../../', import.meta.url));

/** Of the repository, in addition to what is built. */
const further = [
  'LICENSE',
  'NOTICE',
  'packages/cli/bin',
  'packages/cli/templates',
  'packages/harness/src/run/case-seconds.json',
  'benchmarks/networks',
  'benchmarks/pytorch',
  'tools/ci',
  'tools/ports',
  'tools/python',
  'docs',
];
/** Examples are read, not installed. */
const leftOut = new Set(['examples']);
/** Only a page loads it, whose bundle holds it. */
const inBundles = new Set(['@tensorflow/tfjs-backend-webgl']);
/** Loaded where they are used, whichever way they were installed. */
const foundWhereInstalled = ['@tensorflow/tfjs-node', '@tensorflow/tfjs-node-gpu'];
/** Installed unless the machine cannot run it: most people give images. */
const byDefault = 'sharp';

const isBuilt = (path) => /\.(?:js|d\.ts)$/.test(path) && !/\.test\.|(?:^|[/\\])testing[/\\]/.test(path);
const unshipped = [/\.test\.mjs$/, /\.(?:svg|png|pyc)$/, /(?:^|[/\\])(?:tests|__pycache__|\.\w+_cache|\w+\.egg-info)$/];
const isShipped = (path) => !unshipped.some((pattern) => pattern.test(path));

/** @param {string} folder new or empty @returns the manifest that it wrote */
export async function stageTouchstone(folder) {
  const workspaces = packageFolders()
    .filter((path) => !leftOut.has(path))
    .map((path) => ({ path, manifest: JSON.parse(readFileSync(join(root, path, 'package.json'), 'utf8')) }));
  for (const { path, manifest } of workspaces) {
    const dist = join(root, path, 'dist');
    if (!existsSync(join(dist, 'index.js'))) throw new Error(`${path} is not built; run "npm run setup"`);
    const files = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter(isBuilt);
    for (const file of files) copyBuilt(join(path, 'dist', file), folder, workspaces);
    const { name, version, type, imports } = manifest;
    write(join(folder, path, 'package.json'), `${JSON.stringify({ name, version, type, imports })}\n`);
  }
  for (const path of further)
    cpSync(join(root, path), join(folder, path), {
      recursive: true,
      filter: (from) => isShipped(relative(root, from)),
    });
  cpSync(join(root, 'tools/release/package-readme.md'), join(folder, 'README.md'));
  const manifest = manifestOf(workspaces, await optionalPackages());
  write(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  return manifest;
}

/** Without the line that names a source map, which is not there. */
function copyBuilt(file, folder, workspaces) {
  const text = readFileSync(join(root, file), 'utf8').replace(/\n\/\/# sourceMappingURL=\S+\s*$/, '\n');
  const from = dirname(file);
  write(
    join(folder, file),
    text.replace(/((?:\bfrom|\bimport)\s*\(?\s*)(['"])(@touchstone\/[^'"]+)\2/g, (_, before, quote, name) => {
      const path = relative(from, builtFile(name, workspaces)).split(sep).join('/');
      return `${before}${quote}${path.startsWith('.') ? path : `./${path}`}${quote}`;
    }),
  );
}

/** `@touchstone/contract` → `packages/contract/dist/index.js` */
function builtFile(specifier, workspaces) {
  const [, name, inside] = /^(@touchstone\/[^/]+)(\/.*)?$/.exec(specifier);
  const { path, manifest } = workspaces.find((each) => each.manifest.name === name);
  return join(path, manifest.exports[`.${inside ?? ''}`].default);
}

async function optionalPackages() {
  const contract = await import(pathToFileURL(join(root, 'packages/contract/dist/index.js')).href);
  return Object.keys(contract.optionalPackages);
}

/** The root's manifest, with what the workspaces need. */
function manifestOf(workspaces, optional) {
  const whole = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const { name, version, description, license, type, engines, bin, exports } = whole;
  const needed = new Map(
    workspaces
      .flatMap(({ manifest }) => Object.entries(manifest.dependencies ?? {}))
      .filter(([each]) => !each.startsWith('@touchstone/') && !inBundles.has(each))
      .sort(([a], [b]) => a.localeCompare(b)),
  );
  const only = (isWanted) => Object.fromEntries([...needed].filter(([each]) => isWanted(each)));
  // Any version: a project that has another one for ends of its own can still install Touchstone.
  const peers = [...optional.filter((each) => each !== byDefault), ...foundWhereInstalled];
  const ofPeers = (value) => Object.fromEntries(peers.map((each) => [each, value]));
  return {
    name,
    version,
    description,
    license,
    type,
    engines,
    bin,
    exports,
    dependencies: only((each) => !optional.includes(each)),
    optionalDependencies: only((each) => each === byDefault),
    peerDependencies: ofPeers('*'),
    peerDependenciesMeta: ofPeers({ optional: true }),
  };
}

function write(file, text) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
