/** For tests: networks on which the faults of mutants show. Their images are [2,8,6], or [3,8,6] for `everyLayer`. */
import type { HostTensor } from '@touchstone/contract';
import type { Network } from '@touchstone/network';
import type { Leaf } from '@touchstone/network/testing';
import { chain, leaf, network as calling, tensor } from '../core/testing.js';

const numbers = (shape: readonly number[], seed: number): HostTensor =>
  tensor(
    shape,
    Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(seed + i * 1.7) / 2),
  );

/** Pool windows tie on images of two grey levels, maps are smaller than the image, ReLUs see both signs. */
export function ties(): Network {
  return chain(
    [2, 8, 6],
    {
      conv: leaf.conv(2, 3),
      relu: leaf.relu,
      pool: leaf.maxPool(2, 2),
      mix: leaf.conv(3, 3),
      last: leaf.relu,
      average: leaf.average,
      flat: leaf.flatten,
      head: leaf.linear(3, 5),
    },
    {
      'conv.weight': tensor([3, 2, 1, 1], [1, -0.5, -1, 0.5, 0.3, 0.4]),
      'conv.bias': tensor([3], [0.1, 0.2, 0]),
      'mix.weight': numbers([3, 3, 1, 1], 3),
      'mix.bias': tensor([3], [0.2, 0.2, 0.2]),
      'head.weight': tensor([5, 3], [1, -3, 0.2, -2, 1, -0.5, 0.5, 0.5, -1, 1, -0.4, 0.2, -1, 2, 0.3]),
    },
    {
      heads: [
        { name: 'left', size: 2 },
        { name: 'right', size: 3 },
      ],
      preprocess: { resize: 8, crop: [8, 6], mean: [120, 110], std: [60, 70] },
    },
  );
}

/** A single convolution. */
export function kernels(): Network {
  return chain(
    [2, 8, 6],
    { conv: leaf.conv(2, 3, 2) },
    { 'conv.weight': numbers([3, 2, 2, 2], 7), 'conv.bias': tensor([3], [1, 2, 3]) },
  );
}

/** A layer that is called twice; of images of two levels, 1 and −½, some of its values are exactly zero. */
export function exactZeros(): Network {
  const window = { kernelSize: [2, 2], stride: [2, 2], padding: [0, 0], ceilMode: false, countIncludePad: true };
  const calls = ['mix', 'relu', 'mix', 'relu', 'pool', 'flat', 'head'].map((module, i, all) => ({
    name: `${module}${i}`,
    module,
    args: [i === 0 ? 'x' : `${all[i - 1]}${i - 1}`],
  }));
  return calling(
    [2, 8, 6],
    {
      '': { type: 'Reused', inputs: ['x'], calls, output: 'head6' },
      mix: leaf.conv(2, 2),
      relu: leaf.relu,
      pool: { type: 'AvgPool2d', attributes: { ...window, divisorOverride: 3 } },
      flat: leaf.flatten,
      head: leaf.linear(24, 5),
    },
    {
      'mix.weight': tensor([2, 2, 1, 1], [1, 2, 1, -1]),
      'mix.bias': tensor([2], [0, 0]),
      'head.weight': tensor(
        [5, 24],
        Array.from({ length: 120 }, (_, i) => Math.sin(i * 1.7) + 0.3),
      ),
    },
  );
}

/**
 * A skip connection that starts at the input of a ReLU6, of which some values are above 6; a ReLU that is a function,
 * and one of Linears.
 */
export function skipAndLinears(): Network {
  const { data, shape } = numbers([3, 2, 1, 1], 6);
  return calling(
    [2, 8, 6],
    {
      '': {
        type: 'Skip',
        inputs: ['x'],
        calls: [
          { name: 'functional', op: 'relu', args: ['x'], attributes: { inplace: false } },
          { name: 'mixed', module: 'mix', args: ['functional'] },
          { name: 'bounded', module: 'bounded', args: ['mixed'] },
          { name: 'sum', op: 'add', args: ['bounded', 'mixed'], attributes: {} },
          { name: 'flattened', module: 'flat', args: ['sum'] },
          { name: 'hidden', module: 'hidden', args: ['flattened'] },
          { name: 'active', module: 'relu', args: ['hidden'] },
          { name: 'logits', module: 'head', args: ['active'] },
        ],
        output: 'logits',
      },
      mix: leaf.conv(2, 3),
      bounded: { type: 'ReLU6', attributes: { inplace: false } },
      flat: leaf.flatten,
      hidden: leaf.linear(144, 6),
      relu: leaf.relu,
      head: leaf.linear(6, 5),
    },
    {
      'mix.weight': { shape, data: data.map((value) => 9 * value) },
      'mix.bias': numbers([3], 7),
      'hidden.weight': numbers([6, 144], 8),
      'head.weight': numbers([5, 6], 9),
    },
  );
}

/** A pool whose last windows are partial, and no layer after it that asks for a size. */
export function partialWindows(): Network {
  const window = { kernelSize: [3, 3], stride: [2, 2], padding: [0, 0], ceilMode: true, dilation: [1, 1] };
  return chain(
    [2, 8, 6],
    {
      mix: leaf.conv(2, 3),
      pool: { type: 'MaxPool2d', attributes: window },
      average: leaf.average,
      flat: leaf.flatten,
      head: leaf.linear(3, 5),
    },
    { 'mix.weight': numbers([3, 2, 1, 1], 6), 'mix.bias': numbers([3], 7), 'head.weight': numbers([5, 3], 8) },
  );
}

/** A map that is padded by its own values, made smaller, and larger again. */
export function resized(): Network {
  const sizes = { scales: null, mode: 'bilinear', alignCorners: false };
  return calling(
    [2, 8, 6],
    {
      '': {
        type: 'Resized',
        inputs: ['x'],
        calls: [
          { name: 'padded', op: 'pad', args: ['x'], attributes: { padding: [1, 2, 1, 1], mode: 'reflect', value: 0 } },
          { name: 'mixed', module: 'mix', args: ['padded'] },
          { name: 'small', op: 'interpolate', args: ['mixed'], attributes: { ...sizes, size: [3, 4] } },
          { name: 'active', module: 'last', args: ['small'] },
          { name: 'large', op: 'interpolate', args: ['active'], attributes: { ...sizes, size: [7, 9] } },
          { name: 'flattened', module: 'flat', args: ['large'] },
          { name: 'logits', module: 'head', args: ['flattened'] },
        ],
        output: 'logits',
      },
      mix: leaf.conv(2, 3),
      last: leaf.relu,
      flat: leaf.flatten,
      head: leaf.linear(189, 5),
    },
    { 'mix.weight': numbers([3, 2, 1, 1], 6), 'mix.bias': numbers([3], 7), 'head.weight': numbers([5, 189], 8) },
  );
}

/** Activations, layer norm and attention, as functions. */
export function attending(): Network {
  const op = (name: string, of: string[], attributes: object) => ({
    name: `${name} of ${of[0]}`,
    op: name,
    args: of,
    attributes: { ...attributes },
  });
  const activated = op('gelu', ['mixed'], { approximate: 'none' });
  const gated = op('hardswish', [activated.name], {});
  const normal = op('layer_norm', [gated.name, 'gain', 'offset'], { normalizedShape: [8, 6], eps: 1e-5 });
  const rows = op('flatten', [normal.name], { startDim: 2, endDim: 3 });
  const attention = op('scaled_dot_product_attention', [rows.name, rows.name, rows.name], {
    scale: 0.02,
    isCausal: false,
  });
  return calling(
    [2, 8, 6],
    {
      '': {
        type: 'Attending',
        inputs: ['x'],
        weights: { gain: [8, 6], offset: [8, 6] },
        calls: [
          { name: 'gain', weight: 'gain' },
          { name: 'offset', weight: 'offset' },
          { name: 'mixed', module: 'mix', args: ['x'] },
          activated,
          gated,
          normal,
          rows,
          attention,
          { name: 'flattened', module: 'flat', args: [attention.name] },
          { name: 'logits', module: 'head', args: ['flattened'] },
        ],
        output: 'logits',
      },
      mix: leaf.conv(2, 3),
      flat: leaf.flatten,
      head: leaf.linear(144, 5),
    },
    {
      gain: numbers([8, 6], 4),
      offset: numbers([8, 6], 5),
      'mix.weight': numbers([3, 2, 1, 1], 6),
      'mix.bias': numbers([3], 7),
      'head.weight': numbers([5, 144], 8),
    },
  );
}

/** Maps of three classes. */
export function classMaps(): Network {
  return chain(
    [2, 8, 6],
    { mix: leaf.conv(2, 3), relu: leaf.relu, last: leaf.conv(3, 3, 1) },
    {
      'mix.weight': numbers([3, 2, 1, 1], 6),
      'mix.bias': numbers([3], 7),
      'last.weight': numbers([3, 3, 1, 1], 8),
      'last.bias': numbers([3], 9),
    },
  );
}

/** Three channels; wide kernels, batch norm, and pools that pad, not behind a ReLU. */
export function everyLayer(): Network {
  const pool = { kernelSize: [3, 3], stride: [1, 1], padding: [1, 1], ceilMode: false };
  const average = (countIncludePad: boolean): Leaf => ({
    type: 'AvgPool2d',
    attributes: { ...pool, countIncludePad, divisorOverride: null },
  });
  const conv = leaf.conv(3, 3, 3);
  return chain(
    [3, 8, 6],
    {
      conv: { ...conv, attributes: { ...conv.attributes, stride: [2, 2], padding: [1, 1] } },
      norm: { type: 'BatchNorm2d', attributes: { numFeatures: 3, eps: 1e-5, affine: true } },
      pool: { type: 'MaxPool2d', attributes: { ...pool, dilation: [1, 1] } },
      counted: average(true),
      relu: leaf.relu,
      mix: leaf.conv(3, 3),
      last: average(false),
      average: leaf.average,
      flat: leaf.flatten,
      head: leaf.linear(3, 5),
    },
    {
      'conv.weight': numbers([3, 3, 3, 3], 1),
      'conv.bias': numbers([3], 2),
      'norm.weight': tensor([3], [1, -1, 0.5]),
      'norm.bias': tensor([3], [-0.5, -2, -2]),
      'norm.running_mean': numbers([3], 3),
      'norm.running_var': tensor([3], [0.05, 0.1, 0.2]),
      'mix.weight': numbers([3, 3, 1, 1], 4),
      'mix.bias': tensor([3], [0.2, 0.2, 0.2]),
      'head.weight': numbers([5, 3], 5),
    },
    { preprocess: { resize: 8, crop: [8, 6], mean: [120, 110, 100], std: [60, 70, 80] } },
  );
}

/** Two depthwise kernels for each channel. */
export function depthwise(): Network {
  const { attributes } = leaf.conv(2, 4, 3);
  return chain(
    [2, 8, 6],
    {
      mix: { type: 'Conv2d', attributes: { ...attributes, groups: 2 } },
      average: leaf.average,
      flat: leaf.flatten,
      head: leaf.linear(4, 5),
    },
    { 'mix.weight': numbers([4, 1, 3, 3], 1), 'mix.bias': numbers([4], 2), 'head.weight': numbers([5, 4], 5) },
  );
}
