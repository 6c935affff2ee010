/**
 * `node tools/setup/bundle.mjs IN OUT`: one JavaScript module for a page, with everything that IN imports. Paths are
 * relative to the package in which it runs.
 */
import { rolldown } from 'rolldown';

const [input, file] = process.argv.slice(2);
const warnings = [];
const bundle = await rolldown({
  input,
  platform: 'browser',
  // Modules such as node-fetch, which TF.js only loads in Node.js.
  onLog: (level, log) => level === 'warn' && warnings.push(log.message),
});
await bundle.write({ file, format: 'esm', codeSplitting: false, sourcemap: false });
for (const warning of warnings) console.warn(warning);
