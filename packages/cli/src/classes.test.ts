import { expect, test } from 'vitest';
import { classByName, topClasses } from './classes.js';
import { names } from './options.js';

const known = ['tench', 'tiger cat', 'Persian cat', 'cat', 'catamaran'];

test.each([
  ['3', 3],
  ['Cat', 3],
  ['persian', 2],
  ['TIGER CAT', 1],
  ['amaran', 4],
])('--target %s is class %i', (asked, index) => {
  expect(classByName(asked, 5, known)).toBe(index);
});

test.each([
  ['5', known, 'usage', /classes 0 to 4/],
  ['cat ', known, 'unknown-name', /unknown class/],
  ['er', known, 'usage', /matches 2 classes/],
  ['tinch', known, 'unknown-name', /unknown class "tinch"/],
  ['cat', [], 'usage', /the classes of this network have no names/],
  ['-1', [], 'usage', /have no names/],
] as const)('--target %j of %j: %s', (asked, of, code, message) => {
  expect(() => classByName(asked, 5, of)).toThrow(
    expect.objectContaining({ code, message: expect.stringMatching(message), hint: expect.stringMatching(/./) }),
  );
});

test('top classes are softmax probabilities of the asked image, also of huge logits', () => {
  const logits = { shape: [2, 3], data: Float32Array.of(9, 9, 9, 1000, 1000 + Math.log(3), 0) };
  const top = topClasses(logits, 1, ['a', 'b'], 2);
  expect(top.map(({ class: index, name }) => [index, name])).toEqual([
    [1, 'b'],
    [0, 'a'],
  ]);
  expect(top[0]!.probability).toBeCloseTo(0.75, 4);
});

test('top classes of very many', () => {
  const data = new Float32Array(300_000);
  data[299_999] = 20;
  expect(topClasses({ shape: [1, data.length], data }, 0, undefined, 1)).toMatchObject([{ class: 299_999 }]);
});

test('names may be repeated and joined by commas', () => {
  expect(names('wasm', names('cpu, float64,'))).toEqual(['cpu', 'float64', 'wasm']);
});
