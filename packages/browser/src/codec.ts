import { Packr } from 'msgpackr';

/**
 * Objects, lists, text, numbers, typed arrays, null and undefined: what Node's and the page's structured cloning have
 * in common, bit for bit.
 */
const packr = new Packr({ structuredClone: true, useRecords: false });

export function encode(value: unknown): Uint8Array<ArrayBuffer> {
  return new Uint8Array(packr.pack(value));
}

export function decode(bytes: Uint8Array): unknown {
  // A Buffer would be sliced into Buffers.
  return packr.unpack(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}
