import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zipSync } from 'fflate';
import { afterAll, describe, expect, it } from 'vitest';
import { writeSafetensors, type HostTensor } from '@touchstone/contract';
import { openGolden } from '@touchstone/harness';
import { findMethod } from '@touchstone/methods';
import { fitted, readAnswerFile } from './answer-file.js';
import { inProcess } from './testing/in-process.js';
import { golden, input, line, published } from './testing/touchstone.js';

const folder = mkdtempSync(join(tmpdir(), 'touchstone-check-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string, content: string | Uint8Array): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};
const nested = ({ shape, data }: HostTensor): unknown =>
  shape.reduceRight<unknown[]>(
    (values, size) => Array.from({ length: values.length / size }, (_, i) => values.slice(i * size, (i + 1) * size)),
    [...data],
  )[0];
const asJson = (name: string, tensor: HostTensor): string => file(name, JSON.stringify(nested(tensor)));
/** Of float32 values, as numpy.save writes it. */
const npy = ({ shape, data }: HostTensor): Uint8Array => {
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': (${shape.join(', ')},), }\n`;
  const values = new Uint8Array(Float32Array.from(data).buffer);
  return Uint8Array.from([
    ...Buffer.from('\x93NUMPY\x01\x00', 'latin1'),
    header.length,
    0,
    ...Buffer.from(header),
    ...values,
  ]);
};

const store = openGolden(golden);
const row = store.cases.find(({ id }) => id === 'saliency/tiny-vgg/cat-32')!;
const { gradient, attribution } = store.readGolden(row.id).stages as Record<string, HostTensor>;
const target = JSON.stringify(row.target);
const check = (answer: string, more: readonly string[] = [], method = 'saliency') =>
  inProcess(line`check ${method} --network tiny-vgg --input ${input} --target ${target} --answer ${answer} ${more}`);

describe('one answer', () => {
  const reduce = row.params['reduce'] as string | undefined;
  const set = reduce === undefined ? [] : ['--set', `reduce=${reduce}`];

  it('that is right', async () => {
    const { status, stdout } = await check(file('right.npy', npy(attribution!)), set);
    expect([status, stdout]).toEqual([
      0,
      expect.stringMatching(/^✓ right: saliency of class \d+.* with tiny-vgg: e2 is /),
    ]);
  });

  it('that is wrong, and why', async () => {
    const [, channels, h, w] = gradient!.shape as [number, number, number, number];
    const summed = Array.from({ length: h * w }, (_, i) =>
      Array.from({ length: channels }, (_, c) => gradient!.data[c * h * w + i]!).reduce(
        (sum, g) => sum + Math.abs(g),
        0,
      ),
    );
    const wrong = asJson('wrong.json', { shape: [h, w], data: Float64Array.from(summed) });
    const { status, stdout } = await check(wrong, ['--json', ...set]);
    expect([status, published('check', stdout)]).toMatchObject([
      1,
      { verdict: 'wrong', stage: 'attribution', target: row.target, cause: { certain: true } },
    ]);
  });

  it('in NHWC', async () => {
    const [n, c, h, w] = gradient!.shape as [number, number, number, number];
    const data = gradient!.data.map((_, i) => gradient!.data[(i % c) * h * w + Math.floor(i / c)]!);
    const answer = file('nhwc.npz', zipSync({ 'arr_0.npy': npy({ shape: [n, h, w, c], data }) }));
    const whole = ['--set', 'reduce=none'];
    expect(await check(answer, [...whole, '--layout', 'NHWC'])).toMatchObject({ status: 0 });
    expect(await check(answer, whole)).toMatchObject({
      status: 1,
      stdout: expect.stringMatching(/NHWC: channels come last\n.*--layout NHWC/) as string,
    });
  });

  it.each([
    ['another ending', ['saliency', 'map.png'], /"?--answer map.png.*none of \.npy/],
    ['no file', ['saliency', join(folder, 'none.npy')], /no such file/],
    ['an iterated method', ['fooling-image', 'x.npy'], /fooling-image is iterated/],
    ['drawn noise that is not given', ['smooth-grad', 'right.npy'], /smooth-grad needs the "noise"/],
    ['a zip that is none', ['saliency', 'text.npz'], /text.npz cannot be unpacked/],
    ['lists of different lengths', ['saliency', 'uneven.json'], /not a list of lists of numbers, all of the same/],
    ['lists without end', ['saliency', 'deep.json'], /not a list of lists of numbers/],
    ['text in a list', ['saliency', 'words.json'], /not a list of lists of numbers/],
  ])('refuses %s', async (_, [method, name], message) => {
    file('text.npz', 'text');
    file('uneven.json', '[[1, 2], [3]]');
    file('deep.json', '['.repeat(1e5) + ']'.repeat(1e5));
    file('words.json', '[["1"]]');
    const path = /^(text|uneven|right|deep|words)/.test(name!) ? join(folder, name!) : name!;
    const { status, stderr } = await check(path, [], method);
    expect([status, stderr]).toEqual([64, expect.stringMatching(message)]);
  });
});

describe('the file of an answer', () => {
  const map: HostTensor = { shape: [1, 2], data: Float32Array.of(1, -2) };
  const method = { ...findMethod('saliency'), fixtures: ['noise'] };
  it.each([
    ['safetensors, whatever its name', file('a.safetensors', writeSafetensors({ heat: map, x: map })), ['attribution']],
    ['stages', file('b.safetensors', writeSafetensors({ map, attribution: map })), ['map', 'attribution']],
    [
      'an archive of arrays',
      file('c.npz', zipSync({ 'map.npy': npy(map), 'attribution.npy': npy(map) })),
      ['map', 'attribution'],
    ],
    ['JSON of stages', file('d.json', '{"map": [[1, -2]], "attribution": [[1, -2]]}'), ['map', 'attribution']],
  ])('%s', (_, path, names) => {
    const stages = readAnswerFile(path, method);
    expect(Object.keys(stages).toSorted()).toEqual(names.toSorted());
    for (const { shape, data } of Object.values(stages))
      expect([shape, [...data]]).toEqual([
        [1, 2],
        [1, -2],
      ]);
  });

  it.each([
    ['another stage', { gradient: map }, /has "gradient", and no "attribution".*saliency/],
    ['the image', { x: map }, /has "x", and no/],
    ['the noise', { noise: map }, /has "noise", and no/],
    ['several arrays of any name', { a: map, b: map }, /has "a", "b", and no/],
    ['nothing', {}, /has nothing, and no/],
  ])('with %s only is refused', (_, tensors, message) => {
    for (const path of [
      file('e.safetensors', writeSafetensors(tensors)),
      file('e.npz', zipSync(Object.fromEntries(Object.entries(tensors).map(([name]) => [`${name}.npy`, npy(map)])))),
    ])
      expect(() => readAnswerFile(path, method)).toThrow(message);
  });

  it.each([
    ['without a batch', 'NCHW', [2, 3], [1, 1, 2, 3], [1, 1, 2, 3]],
    ['with a dimension too many', 'NCHW', [1, 1, 2, 3], [2, 3], [2, 3]],
    ['of another size', 'NCHW', [3, 2], [1, 1, 2, 3], [3, 2]],
    ['of one channel at the end', 'NHWC', [2, 3, 1], [1, 1, 2, 3], [1, 1, 2, 3]],
  ] as const)('a map %s', (_, layout, given, wanted, shape) => {
    const data = Float64Array.of(1, 2, 3, 4, 5, 6);
    const expected = { attribution: { shape: wanted, data } };
    expect(fitted({ attribution: { shape: given, data } }, expected, layout)['attribution']).toEqual({ shape, data });
  });

  it('NHWC becomes NCHW, image by image', () => {
    const given = { shape: [2, 1, 2, 3], data: Float64Array.from({ length: 12 }, (_, i) => i) };
    const expected = { attribution: { shape: [2, 3, 1, 2], data: new Float64Array(12) } };
    expect([...fitted({ attribution: given }, expected, 'NHWC')['attribution']!.data]).toEqual([
      0, 3, 1, 4, 2, 5, 6, 9, 7, 10, 8, 11,
    ]);
  });
});
