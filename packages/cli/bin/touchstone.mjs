#!/usr/bin/env node
import { existsSync } from 'node:fs';

const isClone = existsSync(new URL('../../../tools/setup', import.meta.url));
const main = new URL('../dist/main.js', import.meta.url);
if (existsSync(main)) {
  try {
    const { main: run } = await import(main.href);
    await run(process.argv.slice(2));
  } catch (error) {
    // Only what is not yet loaded can fail here: no file can be opened, or a package is missing.
    const { code, message } = error instanceof Error ? error : { message: String(error) };
    const install = isClone ? 'Run "npm run setup" in the repository.' : 'Install touchstone again.';
    const hint = code === 'EMFILE' ? 'Raise the limit of open files with "ulimit -n".' : install;
    process.stderr.write(`error: machine: touchstone cannot be loaded: ${message.split('\n')[0]}\n  hint: ${hint}\n`);
    process.exitCode = 4;
  }
} else {
  process.stderr.write(
    'touchstone is not built yet\n  hint: Run "npm run setup" in the repository (or "npm start", which does it too).\n',
  );
  process.exitCode = 4;
}
