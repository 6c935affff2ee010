/** Functions that move values, join them, or look at several at once: shapes, borders, windows, products, attention. */
import type { Shape } from './fit.js';
import { pick, type Write, type Writer } from './function-writer.js';

/** Maps stay this small. */
const largest = 8;
const isLarge = ([, h, w]: Shape): boolean => h >= largest || w >= largest;
const resized = ([c]: Shape, h: number, w: number): Shape => [c, h, w];
const withSize = (shape: Shape, dim: number, size: number): Shape =>
  shape.map((old, i) => (i === dim - 1 ? size : old)) as unknown as Shape;

/** x, its columns turned round. */
const flipped = ({ call }: Writer, x: string): string => call('flip', [x], { dims: [1, 3] });

const shapes: Readonly<Record<string, Write>> = {
  contiguous: ({ call }, x) => call('contiguous', [x]),
  roll: ({ call }, x, _shape, a, b) => call('roll', [x], { shifts: [a - 5, b - 5], dims: [2, 3] }),
  flip: ({ call }, x, _shape, a) => call('flip', [x], { dims: pick([[1], [2, 3], [3]], a) }),
  permute: ({ call }, x, [c, h, w], a) =>
    a % 2 === 0
      ? { value: call('permute', [x], { dims: [0, 1, 3, 2] }), shape: [c, w, h] }
      : { value: call('permute', [x], { dims: [0, 2, 3, 1] }), shape: [h, w, c] },
  reshape: ({ call }, x, [c, h, w], a) => {
    const groups = pick(
      [1, 2, 3, 4].filter((each) => c % each === 0),
      a,
    );
    const split = call('reshape', [x], { shape: [-1, groups, c / groups, h, w] });
    return call('reshape', [call('permute', [split], { dims: [0, 2, 1, 3, 4] })], { shape: [-1, c, h, w] });
  },
  index_select: ({ call }, x, shape, a, b) => {
    const dim = 1 + (a % 3);
    const size = shape[dim - 1]!;
    const index = [size - 1, 0, b % size];
    return { value: call('index_select', [x], { dim, index }), shape: withSize(shape, dim, 3) };
  },
  slice: ({ call }, x, shape, a, b) => {
    const dim = 1 + (a % 3);
    const size = shape[dim - 1]!;
    const [start, step] = [b % size, 1 + (b % 2)];
    const value = call('slice', [x], { dim, start, end: size, step });
    return { value, shape: withSize(shape, dim, Math.ceil((size - start) / step)) };
  },
  select: ({ call }, x, shape, a, b) => {
    const dim = 1 + (a % 3);
    const plane = call('select', [x], { dim, index: b % shape[dim - 1]! });
    const kept = call('reshape', [plane], { shape: [-1, ...withSize(shape, dim, 1)] });
    return call('sub', [x, kept]);
  },
  expand: ({ call, weight }, x, [c, h, w]) =>
    call('add', [x, call('expand', [weight([1, c, 1, 1]), x], { shape: [null, -1, h, w] })]),
};

const joins: Readonly<Record<string, Write>> = {
  maximum: (writer, x, _shape, a) => writer.call('maximum', [x, pick([flipped(writer, x), writer.number(0.25)], a)]),
  minimum: (writer, x, _shape, a) => writer.call('minimum', [writer.number(0.5), pick([flipped(writer, x), x], a)]),
  sub: (writer, x) => writer.call('sub', [flipped(writer, x), writer.call('mul', [x, writer.number(0.5)])]),
  mul: (writer, x) => writer.call('mul', [x, writer.call('tanh', [flipped(writer, x)])]),
  div: (writer, x) => {
    const { call, number } = writer;
    return call('div', [x, call('add', [call('sigmoid', [flipped(writer, x)]), number(0.5)])]);
  },
  matmul: ({ call }, x, [c, h]) => ({
    value: call('matmul', [x, call('tanh', [call('permute', [x], { dims: [0, 1, 3, 2] })])]),
    shape: [c, h, h],
  }),
  linear: ({ call, weight }, x, [c, h, w], a) => {
    const size = 1 + (a % 3);
    const bias = a % 2 === 0 ? [] : [weight([size])];
    return { value: call('linear', [x, weight([size, w]), ...bias]), shape: [c, h, size] };
  },
  scaled_dot_product_attention: ({ call }, x, shape, a, b) => {
    const [c, h, w] = shape;
    if (h * w > 36) return x;
    const heads = c % 2 === 0 && a % 2 === 0 ? 2 : 1;
    const split = call('reshape', [x], { shape: [-1, heads, c / heads, h * w] });
    const queries = call('permute', [split], { dims: [0, 1, 3, 2] });
    const keys = call('roll', [queries], { shifts: [b % 3], dims: [2] });
    const values = call('flip', [queries], { dims: [1, 2] });
    const attributes = { scale: 0.5, isCausal: b % 2 === 1 };
    const attended = call('scaled_dot_product_attention', [queries, keys, values], attributes);
    const back = call('permute', [attended], { dims: [0, 1, 3, 2] });
    return call('reshape', [back], { shape: [-1, c, h, w] });
  },
};

const windows: Readonly<Record<string, Write>> = {
  pad: ({ call }, x, shape, a, b) => {
    if (isLarge(shape)) return x;
    const [, h, w] = shape;
    const mode = pick(['constant', 'reflect', 'replicate', 'circular'], a);
    const most = (size: number): number => (mode === 'reflect' ? size - 1 : mode === 'circular' ? size : 2);
    const least = (size: number): number => (mode === 'constant' && size > 2 ? -1 : 0);
    const margin = (size: number, drawn: number): number => Math.min((drawn % 4) + least(size), most(size), 2);
    const [left, right, top, bottom] = [margin(w, a), margin(w, b), margin(h, a + 1), margin(h, b + 1)];
    const value = mode === 'constant' ? 0.5 : 0;
    const padded = call('pad', [x], { padding: [left, right, top, bottom], mode, value });
    return { value: padded, shape: resized(shape, h + top + bottom, w + left + right) };
  },
  interpolate: ({ call }, x, shape, a, b) => {
    const [, h, w] = shape;
    const mode = pick(['nearest', 'nearest-exact', 'bilinear', 'bicubic'], a);
    const isTwice = b % 3 === 0 && !isLarge([1, 2 * h, 2 * w]);
    const size: [number, number] = isTwice ? [2 * h, 2 * w] : [1 + (b % 6), 1 + ((a + b) % 7)];
    const alignCorners = !isTwice && b % 2 === 1 && mode.startsWith('bi');
    const scales = isTwice ? [2, 2] : null;
    const value = call('interpolate', [x], { size, scales, mode, alignCorners });
    return { value, shape: resized(shape, ...size) };
  },
  adaptive_max_pool2d: ({ call }, x, shape, a, b) => {
    const outputSize: [number, number] = [1 + (a % 3), 1 + (b % 4)];
    return { value: call('adaptive_max_pool2d', [x], { outputSize }), shape: resized(shape, ...outputSize) };
  },
  adaptive_avg_pool2d: ({ call }, x, shape, a, b) => {
    const outputSize: [number, number] = [1 + (a % 3), 1 + (b % 4)];
    return { value: call('adaptive_avg_pool2d', [x], { outputSize }), shape: resized(shape, ...outputSize) };
  },
  conv2d: ({ call, weight }, x, shape, a, b) => {
    const [c, h, w] = shape;
    const groups = a % 2 === 0 ? 1 : c;
    const [kernel, out] = [1 + (b % 2), groups * (1 + (b % 3))];
    const padding = kernel - 1;
    const inputs = [x, weight([out, c / groups, kernel, 1]), ...(b % 2 === 0 ? [weight([out])] : [])];
    const value = call('conv2d', inputs, { stride: [1, 1], padding: [padding, 0], dilation: [1, 1], groups });
    return { value, shape: [out, h + 2 * padding - kernel + 1, w] };
  },
  conv_transpose2d: ({ call, weight }, x, shape, a, b) => {
    if (isLarge(shape)) return x;
    const [c, h, w] = shape;
    const [stride, kernel, out] = [1 + (a % 2), 1 + (b % 3), 1 + (b % 2)];
    const padding = Math.min(kernel - 1, a % 2);
    const outputPadding = stride === 2 && b % 2 === 1 ? 1 : 0;
    const grown = (size: number): number => (size - 1) * stride - 2 * padding + kernel + outputPadding;
    if (grown(h) < 1 || grown(w) < 1) return x;
    const two = (size: number): [number, number] => [size, size];
    const attributes = { stride: two(stride), padding: two(padding), outputPadding: two(outputPadding) };
    const inputs = [x, weight([c, out, kernel, kernel]), ...(a % 3 === 0 ? [weight([out])] : [])];
    const value = call('conv_transpose2d', inputs, { ...attributes, dilation: [1, 1], groups: 1 });
    return { value, shape: [out, grown(h), grown(w)] };
  },
};

export const movements: Readonly<Record<string, Write>> = { ...shapes, ...joins, ...windows };
