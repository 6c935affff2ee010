import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { CaseRow, NetworkDescription } from './domain/index.js';
import { TouchstoneError } from './errors.js';
import { unknownName } from './did-you-mean.js';
import { parse, parseJson, parseJsonLines } from './parse.js';

const row = {
  id: 'cam/net/cat',
  method: 'cam',
  network: 'net',
  input: 'cat',
  target: { class: 3 },
  profile: 'quick',
  why: 'catches a wrong row',
};
const thrown = (act: () => unknown): TouchstoneError => {
  try {
    act();
  } catch (error) {
    if (error instanceof TouchstoneError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
};

describe('parse', () => {
  it('fills in defaults', () => expect(parse(CaseRow, row, 'row').params).toEqual({}));

  it.each<[string, object, RegExp]>([
    ['a missing field', { ...row, method: undefined }, /row: "method": /],
    ['an unknown field', { ...row, methd: 1 }, /Unrecognized key.*methd/],
    ['a path that escapes', { ...row, network: '../etc' }, /row: "network": /],
    [
      'a nested field, in the alternative of a union that comes nearest',
      { ...row, target: { class: [1, -2] } },
      /row: "target\.class\[1\]": /,
    ],
  ])('names %s', (_, value, says) => expect(thrown(() => parse(CaseRow, value, 'row')).message).toMatch(says));

  it('says what to do, under the code that was asked for', () => {
    const error = thrown(() => parse(z.strictObject({ a: z.number() }), { a: 'x' }, 'net.json', 'bad-network'));
    expect([error.code, error.hint, error.exitStatus]).toEqual(['bad-network', 'Correct "a" in net.json.', 64]);
  });

  it.each<[string, unknown, string]>([
    ['of an object', { part: { widht: 1 } }, 'Did you mean "width"? Known: width, height.'],
    ['of an element', { parts: [{ width: 1 }, { hight: 1 }] }, 'Did you mean "height"? Known: width, height.'],
    ['of a record', { named: { a: { depth: 1 } } }, 'Known: width, height.'],
    ['of a union', { either: { kind: 'b', widht: 1 } }, 'Did you mean "width"? Known: kind, width, height.'],
  ])('an unknown field %s deep inside is as helpful', (_, value, hint) => {
    const size = { width: z.number().optional(), height: z.number().optional() };
    const schema = z.strictObject({
      part: z.strictObject(size).optional(),
      parts: z.array(z.strictObject(size)).default([]),
      named: z.record(z.string(), z.strictObject(size)).optional(),
      either: z
        .union([z.strictObject({ kind: z.literal('a') }), z.strictObject({ kind: z.literal('b'), ...size })])
        .optional(),
    });
    expect(thrown(() => parse(schema, value, 'net.json')).hint).toBe(hint);
  });

  it.each<[string, unknown, string]>([
    ['an unknown field', { layr: 'x' }, 'Did you mean "layer"? Known: layer, relu.'],
    ['a missing field', { relu: true }, 'Give "layer" in net.json.'],
    ['no object at all', 3, 'Correct net.json.'],
  ])('says what to do about %s', (_, value, hint) =>
    expect(
      thrown(() => parse(z.strictObject({ layer: z.string(), relu: z.boolean().default(true) }), value, 'net.json'))
        .hint,
    ).toBe(hint),
  );

  it('names few of many faults, briefly', () => {
    const bad = { ...row, id: '!'.repeat(9999), method: 1, network: 2, input: 3 };
    const { message } = thrown(() => parse(CaseRow, bad, 'row'));
    expect(message).toMatch(/\(and 2 more\)$/);
    expect(message.length).toBeLessThan(1000);
  });

  it('names three faults whole, without a path where there is none, and cuts long messages', () => {
    const schema = z.array(z.strictObject({ a: z.number() }));
    const three = [{ a: 'x' }, { a: 'x' }, { a: 'x' }];
    expect(thrown(() => parse(schema, three, 'rows')).message).toMatch(/^rows: "\[0\]\.a": .*"\[2\]\.a": [^;]*$/);
    expect(thrown(() => parse(schema, 3, 'rows')).message).toMatch(/^rows: Invalid input/);
    const long = z.number({ error: () => 'm'.repeat(300) });
    expect(thrown(() => parse(long, 'x', 'rows')).message).toBe(`rows: ${'m'.repeat(200)}`);
    const record = z.record(z.string(), z.number());
    expect(thrown(() => parse(record, { ['k'.repeat(300)]: 'x' }, 'rows')).hint).toBe(
      `Correct "${'k'.repeat(200)}" in rows.`,
    );
  });

  it.each<[string, unknown, RegExp]>([
    ['whose fault lies deepest', { c: { d: 'x' } }, /^rows: "c\.d": /],
    ['with the fewest faults, of equally deep ones', { e: 'x', f: 1 }, /^rows: "e": [^;]*$/],
    ['that is inside another union', [{ g: 'x' }], /^rows: "\[0\]\.g": /],
  ])('of a union, names the faults of the alternative %s', (_, value, says) => {
    const schema = z.union([
      z.strictObject({ e: z.number(), f: z.string() }),
      z.strictObject({ e: z.number(), f: z.number() }),
      z.strictObject({ c: z.strictObject({ d: z.number() }) }),
      z.array(z.union([z.string(), z.strictObject({ g: z.number() })])),
    ]);
    expect(thrown(() => parse(schema, value, 'rows')).message).toMatch(says);
  });

  it('has a hint for an unknown field where the schema tells no names', () => {
    const later = z.lazy(() => z.array(z.strictObject({ a: z.number().optional() })));
    expect(thrown(() => parse(z.strictObject({ later }), { later: [{ b: 1 }] }, 'rows')).hint).toBe(
      'Correct "later[0]" in rows.',
    );
  });

  it('never follows __proto__ in a network', () => {
    const text =
      '{"format":"touchstone-network","version":1,"name":"n","why":"","input":{"shape":[1,1,1]},' +
      '"modules":{"__proto__":{"alias":"polluted"}}}';
    const description = parseJson(text, NetworkDescription, 'network.json');
    expect(Object.hasOwn(Object.prototype, 'alias')).toBe(false);
    expect((description.modules as Record<string, unknown>)['alias']).toBeUndefined();
  });
});

describe('parseJson and parseJsonLines', () => {
  it('say where the text is not JSON', () =>
    expect(thrown(() => parseJson('{"a":', z.unknown(), 'net.json')).message).toMatch(/^net\.json is not JSON: /));
  it('pass over empty lines and count them', () => {
    expect(parseJsonLines('1\n\r\n2\n', z.number(), 'rows')).toEqual([1, 2]);
    expect(thrown(() => parseJsonLines('1\n\nx\n', z.number(), 'rows')).message).toMatch(/^rows, line 3 is not JSON/);
    expect(thrown(() => parseJsonLines('1\n"a"\n', z.number(), 'rows')).message).toMatch(/^rows, line 2: /);
  });
});

describe('unknownName', () => {
  const known = ['grad-cam', 'saliency', 'cam'];
  it('suggests the nearest', () => {
    expect(unknownName('method', 'gradcam', known).message).toBe('unknown method "gradcam"');
    expect(unknownName('method', 'gradcam', known).hint).toBe(
      'Did you mean "grad-cam"? Known: grad-cam, saliency, cam.',
    );
  });
  it('of many, lists the nearest', () => {
    const cases = ['saliency', 'grad-cam'].flatMap((method) =>
      Array.from({ length: 30 }, (_, i) => `${method}/cat-${i}`),
    );
    const { hint } = unknownName('case', 'grad-cam/cat-99', cases);
    expect(hint).toMatch(/^Did you mean "grad-cam\/cat-\d*9"\? Known: (grad-cam\/cat-\d+, ){20}…\.$/);
  });
  it('suggests nothing where nothing is near', () =>
    expect(unknownName('method', 'integrated', known).hint).toBe('Known: grad-cam, saliency, cam.'));
  it('knows what to say when there are none, and shows control characters as escapes', () => {
    expect(unknownName('case', 'a\u001b[2J', [])).toMatchObject({
      message: 'unknown case "a\\u001b[2J"',
      hint: 'There is no case to choose from.',
      code: 'unknown-name',
    });
  });
});
