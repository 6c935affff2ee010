import type { ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { NetworkDescription, Target } from '@touchstone/contract';
import { colourMaps } from '@touchstone/images';
import { findMethod } from '@touchstone/methods';
import type { Answered } from '@touchstone/session';
import { describe, expect, test } from 'vitest';
import { figureStyle, headingOf } from './figures.js';
import { buildProgram } from './program.js';
import { inProcess } from './testing/in-process.js';
import { cat, golden, input, line, network, published, scratch, workIn } from './testing/touchstone.js';

const { folder, touchstone } = scratch();
workIn(folder);

const sizeOf = (file: string): number[] => [16, 20].map((at) => readFileSync(file).readUInt32BE(at));
const onCat = line`--network ${network} --image ${cat} --backend cpu`;

test('--overlay --no-legend: the size of the photograph; its numbers are in --json', async () => {
  const { status, stdout } = await inProcess(
    line`attribute saliency ${onCat} --overlay --no-legend --out bare.png --json`,
  );
  expect(status).toBe(0);
  expect(sizeOf('bare.png')).toEqual([451, 300]);
  const { drawn, files } = published('attribute', stdout);
  expect({ drawn, files }).toEqual({
    drawn: { colourMap: 'viridis', low: 0, high: expect.any(Number), percentile: 99 },
    files: ['bare.png'],
  });
});

test('options of figures without --overlay: the map alone, with a legend, next to the stages', async () => {
  const { status, stdout } = await inProcess(
    line`attribute grad-cam ${onCat} --colour-map cividis --percentile 90 --out map.png --out map.safetensors`,
  );
  expect(status).toBe(0);
  expect(stdout).toMatch(/^map\.png {2}the answer with a legend\nmap\.safetensors {2}stages /m);
  expect(existsSync('map.map.png')).toBe(false);
});

test('a sheet: each method takes the parameters that it has, and the classes are told once', async () => {
  const several = line`attribute saliency,guided-backprop,activations ${onCat} --set reduce=abs-sum --overlay`;
  const { status, stdout, stderr } = await inProcess(several);
  expect({ status, stdout }).toEqual({
    status: 0,
    stdout: expect.stringMatching(
      /^class [^]*explained: class 5\n\nsheet\.png {2}saliency, guided-backprop, activations\n$/,
    ),
  });
  expect(stdout.match(/explained/g)).toHaveLength(1);
  expect(stderr).toMatch(/^1\/3 saliency with tiny-vgg on cpu took [^]*\n3\/3 activations /m);
  const json = published('attribute-sheet', (await inProcess([...several, '--json'])).stdout);
  expect(json.methods.map(({ method, drawn }) => [method, drawn?.percentile])).toEqual([
    ['saliency', 99],
    ['guided-backprop', 99],
    ['activations', undefined],
  ]);
  expect(json.files).toEqual(['sheet.png']);
});

test('of tensors: over the input, image 0 of the batch', async () => {
  const { status, stdout } = await inProcess(
    line`attribute saliency,grad-cam --network ${network} --input ${join(golden, 'inputs/batch-32.safetensors')}
      --backend cpu --workers 1 --out batch.png --overlay`,
  );
  expect({ status, stdout }).toEqual({
    status: 0,
    stdout: expect.stringContaining('the output shows image 0 of 4') as string,
  });
});

test('the error of one method names it, and no sheet is left', async () => {
  const { status, stderr } = await inProcess(line`attribute saliency,cam ${onCat} --out failed.png`);
  expect({ status, stderr }).toEqual({
    status: 64,
    stderr: expect.stringMatching(/^error: bad-params: cam: CAM needs/m),
  });
  expect(existsSync('failed.png')).toBe(false);
});

test('interrupted, a sheet leaves the state of its method, which the same command resumes', async () => {
  const drawing = line`attribute saliency,class-visualization --network ${network} --input ${input} --target 3
    --backend cpu --set steps=300 --frames 1 --out cut.png`;
  const stop = (child: ChildProcess) => {
    const watch = setInterval(() => {
      if (!existsSync(join(folder, 'cut.class-visualization.step-001.png'))) return;
      clearInterval(watch);
      child.kill('SIGINT');
    }, 5);
    child.on('close', () => clearInterval(watch));
  };
  expect((await touchstone(drawing, stop)).status).toBe(130);
  const left = (await readdir(folder)).filter((file) => file.startsWith('cut.') && !file.includes('.step-'));
  expect(left).toEqual(['cut.class-visualization.unfinished.safetensors']);
});

describe('the heading', () => {
  const description = { name: 'net', classes: ['cat', 'dog'] } as unknown as NetworkDescription;
  const logits = { shape: [2, 2], data: Float32Array.of(-1, 1, 5, 0) };
  const heading = (id: string, target: Target | null, more: object = { logits }, images = 1) =>
    headingOf({ method: findMethod(id), answer: { target, ...more } as Answered }, description, 'cpu', images);

  test.each([
    ['grad-cam', { class: 0 }, 'Grad-CAM: cat (class 0)', 'logit −1.000, probability 11.9 %'],
    ['grad-cam', { class: [1, 0] }, 'Grad-CAM: dog (class 1)', 'logit 1.000, probability 88.1 %'],
    ['class-visualization', { class: 1 }, 'Class visualisation: dog (class 1)', undefined],
    ['saliency', { weights: [1, 2] }, 'Saliency: a weighted sum of the logits', undefined],
    ['saliency', { sum: [{ head: 'yaw', expectation: '3·i−90' }] }, 'Saliency: expectation of yaw (3·i−90)', undefined],
    ['activations', null, 'Feature maps', undefined],
  ] as const)('%s of %j', (id, target, title, score) => {
    const lines = [...(score === undefined ? [] : [score]), 'net on cpu'];
    expect(heading(id, target as Target | null)).toEqual({ title, lines });
  });

  test('scores that are not finite, or that there are not, are left out; a batch is said', () => {
    const [overflown] = heading('saliency', { class: 0 }, { logits, nonFinite: ['logits'] }, 3).lines;
    expect(overflown).toBe('image 0 of 3');
    expect(heading('saliency', { class: 7 }, {}).title).toBe('Saliency: class 7');
  });
});

describe('options without an effect are refused', () => {
  const style = (ids: string, options: Parameters<typeof figureStyle>[2], out = 'x.png') =>
    figureStyle(ids.split(',').map(findMethod), [out], options);

  test.each([
    ['hooks', { overlay: true }, /hooks: its answer is no image, so --overlay has no effect/],
    ['saliency,hooks', {}, /hooks: its answer is no image, so a sheet cannot show it/],
    ['activations', { overlay: true }, /--overlay has no effect: activations gives no map/],
    ['activations,t-sne', { percentile: 9 }, /--percentile has no effect: activations, t-sne/],
    ['saliency', { legend: false }, /--no-legend has no effect/],
  ] as const)('%s %j', (ids, options, message) => {
    expect(() => style(ids, options)).toThrow(message);
  });

  test('every colour map can be chosen, and the help lists them', () => {
    const attribute = buildProgram().commands.find((command) => command.name() === 'attribute')!;
    const option = attribute.options.find(({ long }) => long === '--colour-map')!;
    expect(option.argChoices).toEqual(Object.keys(colourMaps));
  });

  test('numbers have no legend', () => {
    expect(() => style('saliency', { legend: true }, 'x.safetensors')).toThrow(/--legend has no effect: no --out/);
  });

  test('without any of them the images are those of the papers', () => {
    expect(style('saliency', {})).toBeUndefined();
    expect(style('saliency,activations', { overlay: true })).toMatchObject({ overlay: true, legend: true });
  });
});
