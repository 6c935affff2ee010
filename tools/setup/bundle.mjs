/**
 * `node tools/setup/bundle.mjs IN OUT`: one JavaScript module for a page, with everything that IN imports. Paths are
 * below the package in which it is run.
 */
import { rolldown } from 'rolldown';

const [input, file] = process.argv.slice(2);
const warnings = [];
const bundle = await rolldown({
  input,
  platform: 'browser',
  // node-fetch and the like, which TF.js asks for only where it finds itself in Node.
  onLog: (level, log) => level === 'warn' && warnings.push(log.message),
});
await bundle.write({ file, format: 'esm', codeSplitting: false, sourcemap: false });
for (const warning of warnings) console.warn(warning);
