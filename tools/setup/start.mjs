/**
 * `npm start`: sets up, then checks all methods on two backends that need nothing but Node.js. Arguments after `--` go
 * to `touchstone verify`.
 */
import { setUpBrowser } from './browser.mjs';
import { run } from './child.mjs';
import { main, SetupError, setUp } from './setup.mjs';

/**
 * Both need nothing but Node.js, and end well within 90 s on two cores. `cpu` alone takes longer than the two
 * together.
 */
const backends = ['wasm', 'float64'];

const given = process.argv.slice(2);
const has = (option) => given.some((argument) => argument === option || argument.startsWith(`${option}=`));
/** Whether the arguments choose what is checked: backends, or a port instead. */
const isChosen = ['--backend', '--require', '--port', '--outputs', '--export', '--help'].some(has);

await main(async () => {
  await setUp();
  if (isChosen) await provideBrowser();
  else console.log("Other backends run when asked for: npm start -- --backend cpu, or --backend '*' for all.");
  const defaults = Object.entries({ '--profile': 'quick', '--report': 'results' });
  const options = defaults.flatMap(([option, value]) => (has(option) ? [] : [option, value]));
  const onBackends = isChosen ? [] : ['--backend', ...backends];
  return run(process.execPath, ['packages/cli/bin/touchstone.mjs', 'verify', ...options, ...given, ...onBackends]);
});

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
