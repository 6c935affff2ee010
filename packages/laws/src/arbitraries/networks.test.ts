import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { leafAttributes } from '@touchstone/contract';
import { parseNetwork } from '@touchstone/network';
import type { GeneratedNetwork } from './build-network.js';
import * as networks from './networks.js';
import { scenes } from './scenes.js';

const seed = 7;

describe.each(Object.entries(networks))('%s', (_name, family: fc.Arbitrary<GeneratedNetwork>) => {
  it('gives descriptions that parse', () => {
    fc.assert(
      fc.property(family, ({ description }) => void parseNetwork(description, 'generated')),
      { seed, numRuns: 200 },
    );
  });
});

describe('generated networks', () => {
  const sample = fc.sample(networks.anyNetwork, { seed, numRuns: 400 });
  const modules = sample.flatMap(({ description }) => Object.values(description.modules));
  const calls = modules.flatMap((module) => ('calls' in module ? module.calls : []));

  it.each(Object.keys(leafAttributes))('hold a %s', (type) => {
    expect(modules.some((module) => 'type' in module && module.type === type)).toBe(true);
  });

  it.each(['relu', 'relu6', 'max_pool2d', 'avg_pool2d', 'add', 'cat'])('call %s', (op) => {
    expect(calls.some((call) => 'op' in call && call.op === op)).toBe(true);
  });

  const attributes = modules.flatMap((module) =>
    'attributes' in module ? [module.attributes as Record<string, unknown>] : [],
  );
  it.each([
    ['strides', ({ stride }) => Array.isArray(stride) && stride[0] > 1],
    ['dilation', ({ dilation }) => Array.isArray(dilation) && dilation[0] > 1],
    ['depthwise', ({ groups, inChannels }) => Number(groups) > 1 && groups === inChannels],
    ['groups', ({ groups, inChannels }) => Number(groups) > 1 && groups !== inChannels],
    ['ceil mode', ({ ceilMode }) => ceilMode === true],
    [
      'pooling with padding',
      ({ ceilMode, padding }) => ceilMode !== undefined && Array.isArray(padding) && padding[0] > 0,
    ],
    [
      'overlapping windows',
      ({ ceilMode, kernelSize, stride }) =>
        ceilMode !== undefined && (kernelSize as number[])[0]! > (stride as number[])[0]!,
    ],
    ['in-place operations', ({ inplace }) => inplace === true],
  ] as [string, (attributes: Record<string, unknown>) => boolean][])('hold %s', (_what, has) => {
    expect(attributes.some(has)).toBe(true);
  });

  it('are small, and have weights with zeros and repetitions', () => {
    const sizes = sample.map(({ weights }) => Object.values(weights).reduce((sum, { data }) => sum + data.length, 0));
    expect(Math.max(...sizes)).toBeLessThan(3000);
    const values = sample.flatMap(({ weights }) => Object.values(weights)).flatMap(({ data }) => Array.from(data));
    expect(values.filter((value) => value === 0).length).toBeGreaterThan(values.length / 20);
  });

  it('shrink to a single layer', () => {
    const details = fc.check(
      fc.property(scenes(networks.anyNetwork), ({ x }) => x.data.length < 0),
      { seed },
    );
    const [{ generated, x }] = details.counterexample!;
    expect(Object.keys(generated.description.modules)).toEqual(['maps', 'pool', 'flatten', 'fc', '']);
    expect(x).toEqual({ shape: [1, 1, 1, 1], data: new Float32Array(1) });
  });
});
