import assert from 'node:assert/strict';
import test from 'node:test';
import { sample, sampleInReadme } from './sample.mjs';

/** The last digits of a figure depend on the machine. */
const withoutFigures = (text) => text.replace(/\d+(\.\d+)?(e-?\d+)?/g, '#');

test("the README's failure is what verify prints today; else run node tools/docs/sample.mjs", () => {
  assert.equal(withoutFigures(sampleInReadme()), withoutFigures(sample()));
});
