/** `npm start`: set up, then verify the methods on the default backends. Arguments after `--` go to `touchstone verify`. */
import { setUpBrowser } from './browser.mjs';
import { run } from './child.mjs';
import { main, SetupError, setUp } from './setup.mjs';

const given = process.argv.slice(2);
const defaults = { '--profile': 'quick', '--report': 'results' };
const options = Object.entries(defaults).flatMap(([option, value]) =>
  given.some((argument) => argument === option || argument.startsWith(`${option}=`)) ? [] : [option, value],
);

await main(async () => {
  await setUp();
  try {
    await setUpBrowser();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.log(`without a browser: ${error.message}`);
  }
  return run(process.execPath, ['packages/cli/bin/touchstone.mjs', 'verify', ...options, ...given]);
});
