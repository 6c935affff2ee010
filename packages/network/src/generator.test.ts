import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { crc32, drawUniform, philox } from './generator.js';

/** What tools/golden/touchstone_golden/generator_golden.py drew. */
interface Drawn {
  readonly seed: number;
  readonly name: string;
  readonly count: number;
  readonly centre: number;
  readonly half: number;
  readonly first: number[];
  readonly last: number[];
}
const { draws } = JSON.parse(
  readFileSync(new URL('../../../golden/fixtures/generator.json', import.meta.url), 'utf8'),
) as { draws: Drawn[] };

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('philox4x32-10', () => {
  // Random123's tests/kat_vectors: counter, key, answer.
  it.each([
    ['00000000 00000000 00000000 00000000', '00000000 00000000', '6627e8d5 e169c58d bc57ac4c 9b00dbd8'],
    ['ffffffff ffffffff ffffffff ffffffff', 'ffffffff ffffffff', '408f276d 41c83b0e a20bc7c6 6d5451fd'],
    ['243f6a88 85a308d3 13198a2e 03707344', 'a4093822 299f31d0', 'd16cfe09 94fdcceb 5001e420 24126ea1'],
  ])('turns %s under %s into %s', (counter, key, answer) => {
    const integers = (text: string) => text.split(' ').map((word) => Number.parseInt(word, 16) | 0);
    const [x0, x1, x2, x3] = integers(counter) as [number, number, number, number];
    const [k0, k1] = integers(key) as [number, number];
    const words = new Int32Array(4);
    philox(words, x0, x1, x2, x3, k0, k1);
    expect([...words].map((word) => (word >>> 0).toString(16).padStart(8, '0')).join(' ')).toBe(answer);
  });
});

it('the checksum is that of zip', () => {
  expect(crc32(bytes('123456789')) >>> 0).toBe(0xcbf43926);
  expect(crc32(bytes(''))).toBe(0);
});

describe('a draw', () => {
  it.each(draws)(
    'of $count values named $name is what Python draws, bit for bit',
    ({ seed, name, count, centre, half, first, last }) => {
      const values = drawUniform(seed, name, count, centre, half);
      expect(values).toHaveLength(count);
      expect([...values.subarray(0, first.length)]).toEqual(first);
      expect([...values.subarray(-last.length)]).toEqual(last);
    },
  );

  it('is the beginning of every longer draw of its name', () => {
    expect(drawUniform(3, 'w', 7, 0, 1)).toEqual(drawUniform(3, 'w', 1000, 0, 1).subarray(0, 7));
  });

  it('depends on the seed and on the name', () => {
    const one = drawUniform(3, 'w', 4, 0, 1);
    expect(drawUniform(4, 'w', 4, 0, 1)).not.toEqual(one);
    expect(drawUniform(3, 'v', 4, 0, 1)).not.toEqual(one);
  });

  it('fills the interval evenly, and never leaves it', () => {
    const values = drawUniform(5, 'even', 100_000, 2, 0.5);
    const tenths = Array.from({ length: 10 }, () => 0);
    for (const value of values) tenths[Math.floor(10 * (value - 1.5))]!++;
    expect(Math.min(...tenths)).toBeGreaterThan(9600); // 4 standard deviations
    expect(Math.max(...tenths)).toBeLessThan(10_400);
  });
});
