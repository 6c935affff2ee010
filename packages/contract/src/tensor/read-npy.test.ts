import { describe, expect, it } from 'vitest';
import { readNpy } from './read-npy.js';

const npy = (header: string, values: Uint8Array, version = 1): Uint8Array => {
  const text = new TextEncoder().encode(header);
  const length = version === 1 ? [text.length & 255, text.length >> 8] : [text.length & 255, text.length >> 8, 0, 0];
  return Uint8Array.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, version, 0, ...length, ...text, ...values]);
};
const describing = (descr: string, shape: string, order = 'False'): string =>
  `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': ${shape}, }\n`;
const bytesOf = (data: { buffer: ArrayBufferLike }): Uint8Array => new Uint8Array(data.buffer);

describe('an array file', () => {
  it.each([
    ['<f4', bytesOf(Float32Array.of(1.5, -2)), [1.5, -2]],
    ['<f8', bytesOf(Float64Array.of(1.1, NaN)), [1.1, NaN]],
    ['<f2', bytesOf(Uint16Array.of(0x3c00, 0xc000)), [1, -2]],
    ['|u1', Uint8Array.of(0, 255), [0, 255]],
    ['<i8', bytesOf(BigInt64Array.of(-3n, 4n)), [-3, 4]],
    ['|b1', Uint8Array.of(0, 1), [0, 1]],
  ])('of type %s', (descr, values, expected) => {
    const { shape, data } = readNpy(npy(describing(descr, '(1, 2)'), values), 'a.npy');
    expect([shape, [...data]]).toEqual([[1, 2], expected]);
  });

  it('of one number, and of version 2', () => {
    const one = bytesOf(Float32Array.of(7));
    expect(readNpy(npy(describing('<f4', '()'), one), 'a.npy')).toEqual({ shape: [], data: Float32Array.of(7) });
    expect(readNpy(npy(describing('<f4', '(1,)'), one, 2), 'a.npy').shape).toEqual([1]);
  });

  it('of a Buffer at an odd place', () => {
    const bytes = npy(describing('<f4', '(2,)'), bytesOf(Float32Array.of(1, 2)));
    const odd = Buffer.concat([Buffer.of(0), bytes]).subarray(1);
    expect(readNpy(odd, 'a.npy').data).toEqual(Float32Array.of(1, 2));
  });

  const two = bytesOf(Float32Array.of(1, 2));
  it.each([
    ['not an array', Uint8Array.of(1, 2, 3), /not an .npy file/],
    ['another file', new Uint8Array(64), /not an .npy file/],
    ['a short header', npy(describing('<f4', '(2,)'), two).subarray(0, 40), /header is not complete/],
    ['text', npy(describing('<U5', '(2,)'), two), /NumPy's type <U5/],
    ['objects', npy(describing('|O8', '(2,)'), two), /NumPy's type \|O8 \(Python objects\), which is not supported/],
    ['objects, as NumPy names them', npy(describing('|O', '(2,)'), two), /NumPy's type \|O \(Python objects\)/],
    ['complex numbers', npy(describing('<c8', '(1,)'), two), /NumPy's type <c8 \(complex numbers\)/],
    ['no type', npy("{'shape': (2,)}", two), /names no type/],
    ['big-endian', npy(describing('>f4', '(2,)'), two), /NumPy's type >f4/],
    ['columns', npy(describing('<f4', '(2, 1)', 'True'), two), /column by column/],
    ['too few values', npy(describing('<f4', '(3,)'), two), /shape \[3\] does not fit its 8 bytes/],
    ['too many values', npy(describing('<f4', '(1,)'), two), /shape \[1\] does not fit/],
    ['a huge shape', npy(describing('<f4', '(999999999999, 999999999999)'), two), /does not fit/],
    ['no shape', npy("{'descr': '<f4'}", two), /names no shape/],
    [
      'a structured type',
      npy("{'descr': [('a', '<f4'), ('b', '<f4', (2,))], 'shape': (2,)}", two),
      /NumPy's type \[\('a', '<f4'\), \('b', '<f4', \(2,\)\)\] \(a structured array\), which is not supported/,
    ],
    ['a number that is not exact', npy(describing('<i8', '(1,)'), bytesOf(BigInt64Array.of(2n ** 60n + 1n))), /exact/],
  ])('refuses %s', (_, bytes, message) => expect(() => readNpy(bytes, 'a.npy')).toThrow(message));
});
