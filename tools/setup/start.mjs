/**
 * `npm start`: sets up, then checks all methods on the backends that need nothing but Node.js, and on TensorFlow where
 * it is set up. Arguments after `--` go to `touchstone verify`.
 */
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { setUpBrowser } from './browser.mjs';
import { root, run } from './child.mjs';
import { main, SetupError, setUp } from './setup.mjs';

/**
 * Processor seconds that the quick cases take on a backend, its share of the comparisons included; measured on a server
 * of 2024.
 */
const secondsOn = { cpu: 97, wasm: 25, tensorflow: 22 };

const given = process.argv.slice(2);
const has = (option) => given.some((argument) => argument === option || argument.startsWith(`${option}=`));
/** What is checked is chosen: backends, cases, or something else than our backends. */
const isChosen = ['--backend', '--require', '--port', '--outputs', '--export', '--help'].some(has);

await main(async () => {
  await setUp();
  if (isChosen) await provideBrowser();
  const backends = isChosen ? [] : ['--backend', ...announce()];
  const defaults = Object.entries({ '--profile': 'quick', '--report': 'results' });
  const options = defaults.flatMap(([option, value]) => (has(option) ? [] : [option, value]));
  return run(process.execPath, ['packages/cli/bin/touchstone.mjs', 'verify', ...options, ...given, ...backends]);
});

/** Says what is about to run, and for about how long. @returns the backends */
function announce() {
  const isSetUp = (id) => id !== 'tensorflow' || existsSync(join(root, '.touchstone', 'tensorflow', 'record.json'));
  const backends = Object.keys(secondsOn).filter(isSetUp);
  const processor = backends.reduce((sum, id) => sum + secondsOn[id], 0);
  const seconds = Math.round(processor / Math.min(availableParallelism(), 2 * backends.length));
  const narrowed = ['--case', '--method', '--network', '--profile', '--shard'].some(has);
  console.log(`Checking on ${backends.join(', ')}${narrowed ? '' : `; this takes about ${seconds} s`}.`);
  console.log("Other backends run when asked for: npm start -- --backend webgl, or --backend '*' for all.");
  return backends;
}

/** For the backends that run in a page; without it they are unavailable. */
async function provideBrowser() {
  if (!given.some((argument) => /webg(l|pu)|\*/.test(argument))) return;
  try {
    await setUpBrowser();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.log(`No browser: ${error.message}`);
  }
}
