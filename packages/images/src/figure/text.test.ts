import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { rasterise } from '../rasterise.js';
import { textAt, widthOf, wrap } from './text.js';

const ink = async (text: string) => {
  const { rgb } = await rasterise(200, 20, [textAt(text, 0, 0, { size: 14, colour: '#000' })]);
  return rgb.reduce((sum, level) => sum + 255 - level, 0);
};

test('text is drawn, on every machine the same glyphs', async () => {
  expect(await ink('cat')).toBeGreaterThan(1000);
  expect(await ink('é')).toBeGreaterThan(await ink('e'));
  expect(await ink('')).toBe(0);
});

test.each([
  { text: 'Š', as: 'S', why: 'an accent that the font lacks is lost' },
  { text: '猫', as: '犬', why: 'a box' },
  { text: 'a\u0007\u202Eb', as: 'ab', why: 'controls are left out' },
  { text: '<b>&"', as: '<b>&"', why: 'no markup' },
])('$text is drawn like $as: $why', ({ text, as }) => {
  expect(textAt(text, 0, 0, { size: 14, colour: '#000' })).toBe(textAt(as, 0, 0, { size: 14, colour: '#000' }));
  expect(textAt(text, 0, 0, { size: 14, colour: '#000' })).toMatch(/^<path [^<&]*\/>$/);
});

test('every name of an ImageNet class can be written', () => {
  const file = new URL('../../../../golden/networks/efficientnet-lite0/network.json', import.meta.url);
  const { classes } = JSON.parse(readFileSync(file, 'utf8')) as { classes: string[] };
  const box = /^M0 0m40 0v-330/;
  for (const character of new Set(classes.join('')))
    expect(/d="([^"]*)"/.exec(textAt(character, 0, 0, { size: 1, colour: '#000' }))?.[1] ?? '').not.toMatch(box);
});

test('lines fit their width; long words are broken, too many lines are cut off', () => {
  const long = `${'a few words '.repeat(6)}${'unbroken'.repeat(30)}`;
  const lines = wrap(long, 10, 120);
  expect(lines).toHaveLength(4);
  expect(lines.at(-1)).toMatch(/…$/);
  for (const line of lines) expect(widthOf(line, 10)).toBeLessThanOrEqual(120);
  expect(wrap('short', 10, 120)).toEqual(['short']);
  expect(wrap('', 10, 120)).toEqual([]);
  expect(wrap('x'.repeat(1e6), 10, 120)).toHaveLength(4);
});
