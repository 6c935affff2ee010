#!/usr/bin/env node
import { existsSync } from 'node:fs';

const main = new URL('../dist/main.js', import.meta.url);
if (existsSync(main)) {
  const { main: run } = await import(main.href);
  await run(process.argv.slice(2));
} else {
  process.stderr.write(
    'touchstone is not built yet\n  hint: Run "npm run setup" in the repository (or "npm start", which does it too).\n',
  );
  process.exitCode = 4;
}
