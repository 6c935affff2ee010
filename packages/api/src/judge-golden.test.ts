import { beforeAll, describe, expect, it } from 'vitest';
import { permute, type Stages } from '@touchstone/contract';
import { assertGolden } from './assert-golden.js';
import { attribute } from './attribute.js';
import { goldenCase, type GoldenCase } from './golden-case.js';
import { judgeGolden, type JudgeOptions } from './judge-golden.js';
import { matchers } from './matchers.js';
import type { Answer } from './values.js';

const id = 'grad-cam/tiny-vgg/cat-32';
let asked: GoldenCase;
let stages: Stages;
beforeAll(async () => {
  asked = await goldenCase(id);
  const { classes, params, x } = asked;
  ({ stages } = await attribute(asked.method, { network: 'tiny-vgg', x, target: classes[0], params }));
});

it('a case is given as a port is given it, in its layout', async () => {
  expect(asked).toMatchObject({ id, method: 'grad-cam', target: { class: 5 }, classes: [5] });
  expect(asked.x.shape).toEqual([1, 3, 32, 32]);
  expect((await goldenCase(id, { layout: 'NHWC' })).x.shape).toEqual([1, 32, 32, 3]);
  expect(Object.keys(asked.network.kernels)).toContain('features.0');
});

describe('what is right', () => {
  it.each<[string, () => Answer, JudgeOptions]>([
    ['the map', () => stages['attribution']!, {}],
    ['its numbers alone', () => Float32Array.from(stages['attribution']!.data), {}],
    ['all stages', () => stages, {}],
    ['a map in NHWC', () => permute(stages['attribution']!, [0, 2, 3, 1]), { layout: 'NHWC' }],
    ['a stage', () => stages['gradient']!, { stage: 'gradient' }],
    ['a stage in NHWC', () => permute(stages['gradient']!, [0, 2, 3, 1]), { stage: 'gradient', layout: 'NHWC' }],
  ])('%s passes', async (_, answer, options) => {
    const { pass, message } = await judgeGolden(answer(), id, options);
    expect([pass, message]).toEqual([true, expect.stringMatching(/^✓ grad-cam\/tiny-vgg\/cat-32 on your map: passed/)]);
  });

  it('a map that was to differ fails', async () => {
    const found = await matchers.toMatchGolden(stages['attribution'], id);
    expect(found.pass).toBe(true);
    expect(found.message()).toMatch(/and was expected to differ$/);
  });
});

describe('what is wrong', () => {
  const mirrored = () => permute(stages['attribution']!, [0, 1, 3, 2]);

  it('says what differs, the cause and why the case exists', async () => {
    const failing = assertGolden(mirrored(), id);
    await expect(failing).rejects.toThrow(
      /^✗ .*: differs from the golden[^]*worst at[^]*cause: rows and columns exchanged\n *remedy: [^]*why this case/,
    );
    await expect(failing).rejects.toMatchObject({ name: 'AssertionError' });
  });

  it('looks for no cause where none is wanted', async () => {
    const twice = Float64Array.from(stages['attribution']!.data, (value) => 2 * value);
    const { message } = await judgeGolden(twice, id, { causeSeconds: 0 });
    expect(message).not.toMatch(/cause (?:was|could)/);
  });

  it('of stages, the first that differs', async () => {
    const { shape, data } = stages['gradient']!;
    const wrong = { ...stages, gradient: { shape, data: data.map(Math.abs) } };
    const { outcome } = await judgeGolden(wrong, id, { causeSeconds: 0 });
    expect(outcome).toMatchObject({ status: 'failed', stage: 'gradient' });
  });

  it('another shape', async () => {
    const { message } = await judgeGolden([1, 2, 3], id, { causeSeconds: 0 });
    expect(message).toContain('shape');
  });
});

it.each<[string, string, JudgeOptions, string]>([
  ['an unknown case', 'grad-cam/tiny-vgg/dog-32', {}, 'unknown-name'],
  ['an unknown stage', id, { stage: 'gradients' }, 'unknown-name'],
  ['an iterated method', 'class-visualization/efficientnet-lite0/banana', {}, 'usage'],
  ['no goldens', id, { golden: '/nowhere' }, 'golden-damaged'],
])('%s is refused', async (_, name, options, code) => {
  await expect(judgeGolden([1], name, options)).rejects.toMatchObject({ code });
});
