/**
 * Philox4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"): a value depends only on the seed,
 * its tensor's name and its position, and tools/python/touchstone/network/generator.py draws the same bits.
 */

/**
 * `count` values between centre − half and centre + half, in row-major order. key = (seed, CRC-32 of the name in
 * UTF-8), counter = (block, 0, 0) with the block's low word first; word j of block b belongs to element 4b+j. Of a word
 * the upper 24 bits k give u = (2k+1−2²⁴)/2²⁴, and an element is centre + half·u, computed in double and rounded to
 * float32.
 *
 * @param seed an integer, 0 ≤ seed < 2³²
 */
export function drawUniform(
  seed: number,
  name: string,
  count: number,
  centre: number,
  half: number,
): Float32Array<ArrayBuffer> {
  const values = new Float32Array(count);
  const words = new Int32Array(4);
  const key = crc32(new TextEncoder().encode(name));
  for (let at = 0; at < count; at += 4) {
    const block = at / 4;
    philox(words, block | 0, Math.floor(block / 2 ** 32), 0, 0, seed | 0, key);
    const end = Math.min(4, count - at);
    for (let j = 0; j < end; j++) values[at + j] = centre + half * ((2 * (words[j]! >>> 8) + 1 - 2 ** 24) / 2 ** 24);
  }
  return values;
}

const [multiplier0, multiplier1] = [0xd2511f53 | 0, 0xcd9e8d57 | 0];
const [weyl0, weyl1] = [0x9e3779b9 | 0, 0xbb67ae85 | 0];
const rounds = 10;

/** One block of four words, as signed 32-bit integers, into `words`. */
export function philox(
  words: Int32Array,
  x0: number,
  x1: number,
  x2: number,
  x3: number,
  k0: number,
  k1: number,
): void {
  for (let round = 0; round < rounds; round++) {
    const high0 = multiplyHigh(multiplier0, x0);
    const low0 = Math.imul(multiplier0, x0);
    x0 = multiplyHigh(multiplier1, x2) ^ x1 ^ k0;
    x1 = Math.imul(multiplier1, x2);
    x2 = high0 ^ x3 ^ k1;
    x3 = low0;
    k0 = (k0 + weyl0) | 0;
    k1 = (k1 + weyl1) | 0;
  }
  words[0] = x0;
  words[1] = x1;
  words[2] = x2;
  words[3] = x3;
}

/** The upper 32 bits of the product of two unsigned 32-bit integers, by halves of 16 bits. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = (Math.imul(aHigh, bLow) + (Math.imul(aLow, bLow) >>> 16)) | 0;
  const carry = (Math.imul(aLow, bHigh) + (middle & 0xffff)) | 0;
  return (Math.imul(aHigh, bHigh) + (middle >>> 16) + (carry >>> 16)) | 0;
}

/** The checksum of zip and PNG (ISO 3309, polynomial 0xEDB88320). */
export function crc32(bytes: Uint8Array): number {
  let crc = -1;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc;
}
