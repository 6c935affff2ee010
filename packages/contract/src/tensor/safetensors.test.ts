import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HostTensor } from '../domain/index.js';
import { TouchstoneError } from '../errors.js';
import { readSafetensors } from './read-safetensors.js';
import { writeSafetensors } from './write-safetensors.js';

/** A file with this header text (or object) and data, however wrong. */
function file(header: unknown, data: Uint8Array = new Uint8Array(0), claimed?: bigint): Uint8Array {
  const text =
    header instanceof Uint8Array
      ? header
      : new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, claimed ?? BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(data, 8 + text.length);
  return bytes;
}

const entry = (shape: unknown, offsets: unknown, dtype: unknown = 'F32'): object => ({
  dtype,
  shape,
  data_offsets: offsets,
});

describe('readSafetensors refuses', () => {
  const eight = new Uint8Array(8);
  const cases: [what: string, bytes: Uint8Array, says: RegExp][] = [
    ['an empty file', new Uint8Array(0), /too short/],
    ['a huge header', file('{}', eight, 2n ** 63n), /the header has \d+ bytes/],
    ['a header beyond the limit', file('{}', eight, 2n ** 24n + 1n), /has 16777217 bytes .* at most 16777216 are read/],
    ['a header at the limit, past the end', file('{}', eight, 2n ** 24n), /has 16777216 bytes .* only 10 after it/],
    ['seven bytes', new Uint8Array(7), /7 bytes, too short/],
    ['eight bytes, without a header', new Uint8Array(8), /not JSON/],
    ['a number', file('5'), /not a JSON object/],
    ['a byte order mark', file('\ufeff{}'), /not JSON/],
    ['a header past the end', file('{}', eight, 11n), /the header has 11 bytes/],
    ['a header that is not JSON', file('{"a":'), /not JSON/],
    ['a header that is not UTF-8', file(Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x3a, 0x30, 0x7d)), /not JSON in UTF-8/],
    ['a header that nests without end', file('['.repeat(100_000)), /not JSON/],
    ['a list', file('[]'), /not a JSON object/],
    ['an entry that is a text', file({ a: 'F32' }), /tensor "a": its entry is not an object/],
    ['an entry that is null', file({ a: null }), /tensor "a": its entry/],
    [
      'a name twice',
      file(
        '{"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},' +
          '"\\u0061":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}',
      ),
      /"a" is twice/,
    ],
    [
      'an offset twice',
      file('{"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0],"data_offsets":[0,8]}}'),
      /is twice in the header/,
    ],
    ...[' ', '\n', '\t', '\r'].map((space): (typeof cases)[number] => [
      `a name twice, with ${JSON.stringify(space)} after it`,
      file(`{"a"${space}:{"dtype":"F32","shape":[0],"data_offsets":[0,0]},"a":1}`),
      /"a" is twice/,
    ]),
    [
      'a long name, cut after 80 letters',
      file({ ['n'.repeat(81)]: null, ['n'.repeat(80)]: null }),
      new RegExp(`tensor "n{80}…": its entry`),
    ],
    ['a name of 80 letters', file({ ['n'.repeat(80)]: null }), /tensor "n{80}": its entry/],
    ['__proto__', file('{"__proto__":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}'), /not allowed/],
    ['__proto__ in the metadata', file('{"__metadata__":{"__proto__":"x"}}'), /not allowed/],
    ['metadata that are not text', file({ __metadata__: { a: 1 } }), /"a" is not a string/],
    ['metadata that are a list', file({ __metadata__: [] }), /not an object/],
    ['an unknown field', file({ a: { ...entry([2], [0, 8]), size: 3 } }, eight), /unknown field "size"/],
    ['an unknown dtype', file({ a: entry([2], [0, 8], 'F4') }, eight), /dtype "F4" is not one of/],
    ['a dtype out of a prototype', file({ a: entry([2], [0, 8], 'toString') }, eight), /is not one of/],
    ['a dtype in a list', file({ a: entry([2], [0, 8], ['F32']) }, eight), /dtype "F32" is not one of/],
    ['a wrong dtype', file({ a: entry([2], [0, 8], 'F64') }, eight), /needs 16 bytes/],
    [
      'a wrong size behind another',
      file({ a: entry([1], [0, 4]), b: entry([1], [4, 8], 'F64') }, eight),
      /F64 of shape \[1\] needs 8 bytes, its offsets give 4/,
    ],
    ['a wrong shape', file({ a: entry([3], [0, 8]) }, eight), /needs 12 bytes/],
    ['a negative size', file({ a: entry([-2], [0, 8]) }, eight), /"shape"/],
    ['a size that is no integer', file({ a: entry([1.5], [0, 8]) }, eight), /"shape"/],
    ['a shape that overflows', file({ a: entry([2 ** 31, 2 ** 31, 2 ** 31], [0, 8]) }, eight), /needs Infinity bytes/],
    [
      'too many dimensions',
      file(
        {
          a: entry(
            Array.from({ length: 99 }, () => 1),
            [0, 4],
          ),
        },
        eight,
      ),
      /"shape"/,
    ],
    [
      '17 dimensions',
      file(
        {
          a: entry(
            Array.from({ length: 17 }, () => 1),
            [0, 4],
          ),
        },
        eight,
      ),
      /"shape" must be at most 16/,
    ],
    ['an overlap', file({ a: entry([2], [0, 8]), b: entry([1], [4, 8]) }, eight), /"b": overlaps/],
    ['the same bytes for two', file({ a: entry([2], [0, 8]), b: entry([2], [0, 8]) }, eight), /overlaps/],
    [
      'a gap behind another',
      file({ a: entry([2], [0, 2], 'I8'), b: entry([1], [4, 8]) }, eight),
      /"b": a gap of 2 bytes/,
    ],
    ['a gap', file({ a: entry([1], [4, 8]) }, eight), /gap of 4/],
    ['bytes of no tensor', file({ a: entry([1], [0, 4]) }, eight), /4 bytes at the end/],
    ['offsets past the end', file({ a: entry([3], [0, 12]) }, eight), /past the 8 bytes/],
    ['huge offsets', file({ a: entry([2], [0, 1e300]) }, eight), /"data_offsets"/],
    ['negative offsets', file({ a: entry([2], [-8, 0]) }, eight), /"data_offsets"/],
    ['offsets that are no integers', file({ a: entry([2], [0.5, 8.5]) }, eight), /"data_offsets"/],
    ['offsets the wrong way round', file({ a: entry([2], [8, 0]) }, eight), /after its end/],
    ['one offset', file({ a: entry([2], [8]) }, eight), /"data_offsets"/],
    [
      'an integer that no double holds',
      file({ a: entry([1], [0, 8], 'I64') }, new Uint8Array(BigInt64Array.of(2n ** 53n + 1n).buffer)),
      /exactly/,
    ],
    ['a boolean of 2', file({ a: entry([2], [0, 2], 'BOOL') }, Uint8Array.of(1, 2)), /exactly/],
  ];
  it.each(cases)('%s', (_, bytes, says) => {
    const read = (): unknown => readSafetensors(bytes, 'weights.safetensors');
    expect(read).toThrow(TouchstoneError);
    expect(read).toThrow(says);
    expect(read).toThrow(/^weights\.safetensors: /);
  });
});

it('readSafetensors takes names, texts and fields that only look like a name given twice', () => {
  const one = { dtype: 'F32', shape: Array.from({ length: 16 }, () => 1), data_offsets: [0, 4] };
  const two = { ...one, data_offsets: [4, 8] };
  const header = { __metadata__: { a: 'a', b: 'a', 'c"': '"c\\"' }, a: one, 'a"': two };
  const { tensors, metadata } = readSafetensors(file(header, new Uint8Array(8)), 'x');
  expect(Object.keys(tensors)).toEqual(['a', 'a"']);
  expect({ ...metadata }).toEqual(header.__metadata__);
});

it('readSafetensors takes tensors in any order, also an empty one where another begins', () => {
  const data = new Uint8Array(Float32Array.of(1, 2).buffer);
  const header = { c: entry([1], [4, 8]), b: entry([1], [0, 4]), a: entry([0], [0, 0]), d: entry([0], [4, 4]) };
  const { tensors } = readSafetensors(file(header, data), 'x');
  expect(Object.entries(tensors).map(([name, tensor]) => [name, tensor.data])).toEqual([
    ['c', Float32Array.of(2)],
    ['b', Float32Array.of(1)],
    ['a', new Float32Array(0)],
    ['d', new Float32Array(0)],
  ]);
});

describe('readSafetensors widens', () => {
  const cases: [dtype: string, stored: ArrayBuffer, values: number[]][] = [
    [
      'F16',
      Uint16Array.of(0x3c00, 0xc000, 0x0001, 0x03ff, 0x7bff, 0x7c00, 0xfc00, 0x7e00, 0x8000).buffer,
      [1, -2, 2 ** -24, 1023 * 2 ** -24, 65504, Infinity, -Infinity, NaN, -0],
    ],
    ['BF16', Uint16Array.of(0x3f80, 0xc040, 0x7f80, 0x0001).buffer, [1, -3, Infinity, 2 ** -133]],
    ['I64', BigInt64Array.of(-(2n ** 53n), 7n).buffer, [-(2 ** 53), 7]],
    ['U64', BigUint64Array.of(2n ** 63n).buffer, [2 ** 63]],
    ['I32', Int32Array.of(-(2 ** 31)).buffer, [-(2 ** 31)]],
    ['U32', Uint32Array.of(2 ** 32 - 1).buffer, [2 ** 32 - 1]],
    ['I16', Int16Array.of(-7).buffer, [-7]],
    ['I8', Int8Array.of(-128, 127).buffer, [-128, 127]],
    ['U8', Uint8Array.of(0, 255).buffer, [0, 255]],
    ['BOOL', Uint8Array.of(0, 1).buffer, [0, 1]],
  ];
  it.each(cases)('%s', (dtype, stored, values) => {
    const data = new Uint8Array(stored);
    const { tensors } = readSafetensors(file({ a: entry([values.length], [0, data.length], dtype) }, data), 'x');
    expect([...tensors['a']!.data]).toEqual(values);
  });

  it('reads a scalar, and an empty tensor with huge other sizes', () => {
    const data = new Uint8Array(Float32Array.of(2.5).buffer);
    const { tensors } = readSafetensors(file({ a: entry([], [0, 4]), b: entry([0, 2 ** 50], [4, 4]) }, data), 'x');
    expect([...tensors['a']!.data]).toEqual([2.5]);
    expect(tensors['b']!.data.length).toBe(0);
    expect(tensors['toString']).toBeUndefined();
  });
});

const tensor: fc.Arbitrary<HostTensor> = fc
  .tuple(fc.array(fc.nat(4), { maxLength: 4 }), fc.boolean())
  .chain(([shape, double]) => {
    const length = shape.reduce((n, size) => n * size, 1);
    const values = double
      ? fc.float64Array({ minLength: length, maxLength: length })
      : fc.float32Array({ minLength: length, maxLength: length });
    return values.map((data) => ({ shape, data }));
  });
const name = fc
  .string({ maxLength: 12, unit: 'binary' })
  .filter((text) => !['__proto__', '__metadata__', 'constructor', 'prototype'].includes(text));
const tensors = fc.dictionary(name, tensor, { maxKeys: 6, noNullPrototype: true });

describe('safetensors', () => {
  it('come back as they were written, at any alignment', () => {
    fc.assert(
      fc.property(tensors, fc.dictionary(name, name, { maxKeys: 3 }), fc.nat(9), (written, notes, shift) => {
        const bytes = writeSafetensors(written, notes);
        const shifted = new Uint8Array(bytes.length + shift).subarray(shift);
        shifted.set(bytes);
        const read = readSafetensors(shifted, 'x');
        expect({ ...read.tensors }).toEqual(written);
        expect({ ...read.metadata }).toEqual({ ...notes });
      }),
    );
  });

  it('are the same bytes whatever order the tensors come in', () => {
    fc.assert(
      fc.property(tensors, (written) => {
        expect(writeSafetensors(Object.fromEntries(Object.entries(written).reverse()))).toEqual(
          writeSafetensors(written),
        );
      }),
    );
  });

  it('have doubles first, then names in order, and a header that aligns them', () => {
    const float = (value: number): HostTensor => ({ shape: [1], data: Float32Array.of(value) });
    const double = (value: number): HostTensor => ({ shape: [], data: Float64Array.of(value) });
    const bytes = writeSafetensors({ b: float(4), a: float(3), d: double(2), c: double(1) }, { z: '1', y: '2' });
    const header =
      '{"__metadata__":{"y":"2","z":"1"},"c":{"dtype":"F64","shape":[],"data_offsets":[0,8]},' +
      '"d":{"dtype":"F64","shape":[],"data_offsets":[8,16]},"a":{"dtype":"F32","shape":[1],"data_offsets":[16,20]},' +
      '"b":{"dtype":"F32","shape":[1],"data_offsets":[20,24]}}';
    const padded = header.padEnd(Math.ceil(header.length / 8) * 8);
    const data = new Uint8Array([...new Uint8Array(Float64Array.of(1, 2).buffer), 0, 0, 0, 0, 0, 0, 0, 0]);
    data.set(new Uint8Array(Float32Array.of(3, 4).buffer), 16);
    expect(bytes).toEqual(file(padded, data));
    expect(writeSafetensors({}, {})).toEqual(file('{}      '));
  });

  it('share memory with the file where aligned', () => {
    const bytes = writeSafetensors({ a: { shape: [2], data: Float64Array.of(1, 2) } });
    expect(readSafetensors(bytes, 'x').tensors['a']!.data.buffer).toBe(bytes.buffer);
  });

  it('however corrupted, are read or refused, and never take more than 8 times their size', () => {
    const corruption = fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(255)), {
      minLength: 1,
      maxLength: 6,
    });
    let refused = 0;
    fc.assert(
      fc.property(
        tensors,
        corruption,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.boolean(),
        (written, changes, cut, inHeader) => {
          const whole = writeSafetensors(written, { note: 'x' });
          const bytes = whole.slice(0, cut < 0.2 ? Math.floor(whole.length * cut * 5) : whole.length);
          const reach = inHeader ? Math.min(bytes.length, 60) : bytes.length;
          for (const [where, value] of changes)
            if (reach > 0) bytes[Math.min(reach - 1, Math.floor(where * reach))] = value;
          try {
            const taken = Object.values(readSafetensors(bytes, 'x').tensors).reduce(
              (sum, { data }) => sum + data.byteLength,
              0,
            );
            expect(taken).toBeLessThanOrEqual(8 * bytes.length);
          } catch (error) {
            expect(error).toBeInstanceOf(TouchstoneError);
            refused++;
          }
        },
      ),
      { numRuns: 1000 },
    );
    expect(refused).toBeGreaterThan(300);
  });

  it('are not written with a shape that does not hold the values', () => {
    expect(() => writeSafetensors({ a: { shape: [3], data: new Float32Array(2) } })).toThrow(
      /shape \[3\] does not hold 2/,
    );
    expect(() => writeSafetensors({ __metadata__: { shape: [0], data: new Float32Array(0) } })).toThrow(
      /cannot be named/,
    );
  });
});
