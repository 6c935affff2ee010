import type { HostTensor } from '../domain/index.js';

/** How a safetensors dtype is widened. Files are little-endian, as are all machines that Node supports. */
interface Dtype {
  /** Bytes per element. */
  readonly size: number;
  /**
   * `bytes` holds whole elements and starts at a multiple of `size` in its buffer. Null where a value is not exact as a
   * double.
   */
  widen(bytes: Uint8Array): HostTensor['data'] | null;
}

type View<T> = new (buffer: ArrayBufferLike, byteOffset: number, length: number) => T;

function view<T>(Type: View<T>, bytes: Uint8Array, size: number): T {
  return new Type(bytes.buffer, bytes.byteOffset, bytes.byteLength / size);
}

const integer = (Type: View<ArrayLike<number>>, size: number): Dtype => ({
  size,
  widen: (bytes) => Float64Array.from(view(Type, bytes, size)),
});

const longInteger = (Type: View<ArrayLike<bigint>>): Dtype => ({
  size: 8,
  widen(bytes) {
    const values = view(Type, bytes, 8);
    const doubles = new Float64Array(values.length);
    for (let i = 0; i < values.length; i++) {
      doubles[i] = Number(values[i]);
      if (BigInt(doubles[i]!) !== values[i]) return null;
    }
    return doubles;
  },
});

/** float16: sign, 5 bits of exponent, 10 of fraction. */
function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25);
}

export const dtypes: Readonly<Record<string, Dtype>> = {
  F64: { size: 8, widen: (bytes) => view(Float64Array, bytes, 8) },
  F32: { size: 4, widen: (bytes) => view(Float32Array, bytes, 4) },
  F16: { size: 2, widen: (bytes) => Float32Array.from(view(Uint16Array, bytes, 2), half) },
  /** bfloat16 is the upper half of a float32. */
  BF16: {
    size: 2,
    widen: (bytes) => new Float32Array(Uint32Array.from(view(Uint16Array, bytes, 2), (bits) => bits * 65536).buffer),
  },
  I64: longInteger(BigInt64Array),
  U64: longInteger(BigUint64Array),
  I32: integer(Int32Array, 4),
  U32: integer(Uint32Array, 4),
  I16: integer(Int16Array, 2),
  U16: integer(Uint16Array, 2),
  I8: integer(Int8Array, 1),
  U8: integer(Uint8Array, 1),
  BOOL: { size: 1, widen: (bytes) => (bytes.every((value) => value <= 1) ? Float64Array.from(bytes) : null) },
};
