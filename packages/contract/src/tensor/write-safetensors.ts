import type { HostTensor } from '../domain/index.js';
import { TouchstoneError } from '../errors.js';

/**
 * A safetensors file; the same tensors give the same bytes, whatever their order. As in the reference implementation,
 * float64 comes before float32 and names are sorted within; the header is padded with spaces to a multiple of 8, so
 * that every tensor is aligned.
 *
 * @throws `bad-tensors` for a forbidden name, or a shape that does not fit the values
 */
export function writeSafetensors(
  tensors: Readonly<Record<string, HostTensor>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const ordered = Object.entries(tensors).sort(
    ([a, x], [b, y]) => y.data.BYTES_PER_ELEMENT - x.data.BYTES_PER_ELEMENT || compareNames(a, b),
  );
  const fields: string[] = [];
  const notes = Object.entries(metadata).sort(([a], [b]) => compareNames(a, b));
  if (notes.length > 0)
    fields.push(
      `"__metadata__":{${notes.map(([key, text]) => `${JSON.stringify(key)}:${JSON.stringify(text)}`).join(',')}}`,
    );
  let size = 0;
  for (const [name, { shape, data }] of ordered) {
    check(name, shape, data);
    const dtype = data instanceof Float64Array ? 'F64' : 'F32';
    const end = size + data.byteLength;
    fields.push(
      `${JSON.stringify(name)}:{"dtype":"${dtype}","shape":[${shape.join(',')}],"data_offsets":[${size},${end}]}`,
    );
    size = end;
  }
  const text = new TextEncoder().encode(`{${fields.join(',')}}`);
  const headerSize = Math.ceil(text.byteLength / 8) * 8;
  const bytes = new Uint8Array(8 + headerSize + size);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerSize), true);
  bytes.fill(0x20, 8, 8 + headerSize);
  bytes.set(text, 8);
  let at = 8 + headerSize;
  for (const [, { data }] of ordered) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes;
}

function check(name: string, shape: readonly number[], data: HostTensor['data']): void {
  if (['__metadata__', '__proto__', 'constructor', 'prototype'].includes(name)) {
    throw new TouchstoneError('bad-tensors', `a tensor cannot be named "${name}"`, 'Give it another name.');
  }
  if (shape.reduce((count, dimension) => count * dimension, 1) !== data.length) {
    throw new TouchstoneError(
      'bad-tensors',
      `tensor "${name}": shape [${shape.join(',')}] does not hold ${data.length} values`,
      'Give a shape whose product is the number of values.',
    );
  }
}

/** Of names that differ. */
function compareNames(a: string, b: string): number {
  return a < b ? -1 : 1;
}
