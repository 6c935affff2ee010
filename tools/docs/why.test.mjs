import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { captions, measure } from './why.mjs';

test('docs/why.svg and the README say what TF.js and Touchstone answer today', async () => {
  const found = captions(await measure());
  const read = (file) => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
  for (const caption of found)
    assert.ok(read('docs/why.svg').includes(caption), `docs/why.svg lacks "${caption}": run node tools/docs/why.mjs`);
  const [stock] = found;
  const percent = /\d+ %/.exec(stock)[0];
  assert.ok(read('README.md').includes(percent), `README.md lacks "${percent}", the distance in docs/why.svg`);
});
