import { describe, expect, it } from 'vitest';
import { choices, nearName, unknownName } from './did-you-mean.js';

describe('the nearest name', () => {
  it.each<[string, string[], string | null]>([
    ['salency', ['cam', 'saliency', 'deconv'], 'saliency'],
    // As far away as a third of the name, or 2 letters of a short one; and no further.
    ['cma', ['cam'], 'cam'],
    ['ab', ['cdef'], null],
    ['abcdefghi', ['abcdefxyz'], 'abcdefxyz'],
    ['abcdefghi', ['abcdewxyz'], null],
    // Of equally near ones the one that begins alike.
    ['grad', ['brad', 'grab'], 'grab'],
    ['grad', ['grab', 'brad'], 'grab'],
    ['x', [], null],
  ])('of %s among %j is %s', (name, known, nearest) => expect(nearName(name, known)).toBe(nearest));
});

it('names all choices up to 20, and of more the nearest 20', () => {
  const names = Array.from({ length: 21 }, (_, i) => `layer.${String(i).padStart(2, '0')}`);
  expect(choices('layer', 'pool', names.slice(1))).toBe(`Known: ${names.slice(1).join(', ')}.`);
  const many = choices('layer', 'layer.20', [...names]);
  expect(many).toMatch(/^Did you mean "layer\.20"\? Known: layer\.20, layer\.00, layer\.10, layer\.01, /);
  expect(many).toMatch(/, …\.$/);
  expect(many.split(', ')).toHaveLength(21);
  expect(choices('layer', 'x', [])).toBe('There is no layer to choose from.');
});

it('quotes a long name by its first 80 letters', () => {
  const { code, message, hint } = unknownName('method', 'm'.repeat(100), ['cam']);
  expect({ code, message, hint }).toEqual({
    code: 'unknown-name',
    message: `unknown method "${'m'.repeat(80)}"`,
    hint: 'Known: cam.',
  });
});
