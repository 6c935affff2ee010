/**
 * `node tools/setup/bundle.mjs IN OUT`: one JavaScript module for a page, with everything that IN imports.
 * `node tools/setup/bundle.mjs IN OUT --node`: one for Node.js, with all of our packages, zod and protobuf, which loads
 * in half the time of their hundreds of files. Paths are relative to the package in which it runs.
 */
import { createRequire } from 'node:module';
import { dirname, relative, resolve } from 'node:path';
import { rolldown } from 'rolldown';

const [input, file, forNode] = process.argv.slice(2);

/** The URL of a file, from that of the bundle: a path in it stays the path that it is in its own file. */
const urlOf = (path) => {
  const to = relative(dirname(resolve(file)), path).replaceAll('\\', '/');
  return `new URL(${JSON.stringify(to)}, import.meta.url).href`;
};

/**
 * TF.js is CommonJS without a declared type: imported, Node.js parses its megabyte three times to find out its form and
 * its names; required, once. A port that imports TF.js gets the same module either way.
 */
const required = /^@tensorflow\/[^/]+$/;
const prefix = '\0required:';
const inNode = {
  name: 'in-node',
  resolveId(name) {
    if (required.test(name)) return prefix + name;
    return /^(node:|[.#/]|@touchstone\/|(zod|@bufbuild)(\/|$)|[A-Za-z]:)/.test(name)
      ? null
      : { id: name, external: true };
  },
  load(id) {
    if (!id.startsWith(prefix)) return null;
    const name = id.slice(prefix.length);
    const names = Object.keys(createRequire(resolve(input))(name)).filter((each) => each !== 'default');
    return `import { createRequire } from 'node:module';
const all = createRequire(import.meta.url)(${JSON.stringify(name)});
export default all;
${names.map((each, i) => `const e${i} = all.${each};\nexport { e${i} as ${each} };`).join('\n')}`;
  },
  transform: (code, id) =>
    code.includes('import.meta.url') && !id.startsWith(prefix) ? code.replaceAll('import.meta.url', urlOf(id)) : null,
};

const warnings = [];
const bundle = await rolldown({
  input: resolve(input),
  platform: forNode ? 'node' : 'browser',
  plugins: forNode ? [inNode] : [],
  // Modules such as node-fetch, which TF.js only loads in Node.js.
  onLog: (level, log) => level === 'warn' && warnings.push(log.message),
});
await bundle.write({ file, format: 'esm', codeSplitting: false, sourcemap: false });
for (const warning of warnings) console.warn(warning);
