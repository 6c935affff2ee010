/**
 * The steps of a generated network. Each is fitted to the shape that it receives, so that any list of them is a
 * network.
 */
import fc from 'fast-check';

type Pair = readonly [number, number];

export interface Conv {
  readonly kind: 'conv';
  readonly out: number;
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly padding: Pair;
  readonly dilation: Pair;
  readonly grouping: 'one' | 'groups' | 'depthwise';
  readonly bias: boolean;
}
export interface Norm {
  readonly kind: 'norm';
  readonly affine: boolean;
}
export interface Relu {
  readonly kind: 'relu';
  readonly six: boolean;
  readonly inplace: boolean;
  /** `shared`: one module for all shared ReLUs. */
  readonly form: 'module' | 'function' | 'shared';
}
export interface Pool {
  readonly kind: 'maxPool' | 'avgPool';
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly padding: Pair;
  readonly dilation: Pair;
  readonly ceilMode: boolean;
  readonly countIncludePad: boolean;
  readonly divisor: number | null;
  readonly functional: boolean;
}
export interface Adaptive {
  readonly kind: 'adaptive';
  readonly size: readonly [number | null, number | null];
}
export interface Pad {
  readonly kind: 'pad';
  readonly padding: readonly [number, number, number, number];
}
export interface Idle {
  readonly kind: 'idle';
  readonly type: 'Identity' | 'Dropout';
}
export type Simple = Conv | Norm | Relu | Pool | Adaptive | Pad | Idle;
/** `body(x) + x` */
export interface Residual {
  readonly kind: 'residual';
  readonly body: readonly Simple[];
}
/** The channels of every branch, and of x, in one tensor. */
export interface Concat {
  readonly kind: 'concat';
  readonly branches: readonly (readonly Simple[])[];
}
export type Step = Simple | Residual | Concat;

/** Which steps may occur. */
export interface Family {
  readonly relu: 'none' | 'plain' | 'any';
  readonly maxPool: boolean;
  readonly branches: boolean;
  /** Left out: `small`. */
  readonly windows?: Windows;
}

/** The largest sizes of convolutions and pools. */
type Windows = 'small' | 'wide';

const small = (max: number, min = 1) => fc.integer({ min, max });
const pair = (max: number, min = 1) => fc.tuple(small(max, min), small(max, min));

function convolution(windows: Windows): fc.Arbitrary<Conv> {
  const wide = windows === 'wide';
  return fc.record({
    kind: fc.constant('conv' as const),
    out: small(wide ? 12 : 4),
    kernel: pair(wide ? 7 : 3),
    stride: pair(wide ? 4 : 2),
    padding: pair(wide ? 4 : 2, 0),
    dilation: pair(wide ? 3 : 2),
    grouping: fc.constantFrom('one', 'one', 'groups', 'depthwise'),
    bias: fc.boolean(),
  });
}
export const conv: fc.Arbitrary<Conv> = convolution('small');

/** For laws about one channel: every output sees every input channel. */
export const denseConv: fc.Arbitrary<Conv> = conv.map(dense);

function dense(drawn: Conv): Conv {
  return { ...drawn, grouping: 'one' };
}

const norm: fc.Arbitrary<Norm> = fc.record({ kind: fc.constant('norm' as const), affine: fc.boolean() });

const reluForm = fc.constantFrom<Relu['form'][]>('module', 'function', 'shared');
export const relu: fc.Arbitrary<Relu> = fc.record({
  kind: fc.constant('relu' as const),
  six: fc.constant(false),
  inplace: fc.boolean(),
  form: reluForm,
});
const anyRelu: fc.Arbitrary<Relu> = fc.record({
  kind: fc.constant('relu' as const),
  six: fc.boolean(),
  inplace: fc.boolean(),
  form: reluForm,
});

function pool(kind: Pool['kind'], windows: Windows): fc.Arbitrary<Pool> {
  const wide = windows === 'wide';
  return fc.record({
    kind: fc.constant(kind),
    kernel: pair(wide ? 5 : 3),
    stride: pair(wide ? 4 : 3),
    padding: pair(wide ? 2 : 1, 0),
    dilation: fc.oneof({ weight: 3, arbitrary: fc.constant<Pair>([1, 1]) }, { weight: 1, arbitrary: pair(2) }),
    ceilMode: fc.boolean(),
    countIncludePad: fc.boolean(),
    divisor: fc.option(fc.constantFrom(1, 2, 4), { freq: 3 }),
    functional: fc.boolean(),
  });
}
export const maxPool = pool('maxPool', 'small');
export const avgPool = pool('avgPool', 'small');

/** null: unchanged. */
const axisSize: fc.Arbitrary<number | null> = fc.option(small(3));
const adaptive: fc.Arbitrary<Adaptive> = fc.record({
  kind: fc.constant('adaptive' as const),
  size: fc.tuple(axisSize, axisSize),
});
const pad: fc.Arbitrary<Pad> = fc.record({
  kind: fc.constant('pad' as const),
  padding: fc.tuple(small(2, 0), small(2, 0), small(2, 0), small(2, 0)),
});
const idle: fc.Arbitrary<Idle> = fc.record({
  kind: fc.constant('idle' as const),
  type: fc.constantFrom('Identity', 'Dropout'),
});

/** Steps of a family; a counter-example shrinks to the first kinds. */
export function steps(family: Family, maxLength = 5): fc.Arbitrary<Step[]> {
  const { windows = 'small' } = family;
  const simple = fc.oneof(
    { weight: 1, arbitrary: idle },
    ...(family.relu === 'none' ? [] : [{ weight: 6, arbitrary: family.relu === 'any' ? anyRelu : relu }]),
    { weight: 6, arbitrary: convolution(windows) },
    { weight: 2, arbitrary: norm },
    ...(family.maxPool ? [{ weight: 3, arbitrary: pool('maxPool', windows) }] : []),
    { weight: 2, arbitrary: pool('avgPool', windows) },
    { weight: 1, arbitrary: adaptive },
    { weight: 1, arbitrary: pad },
  ) as fc.Arbitrary<Simple>;
  if (!family.branches) return fc.array(simple, { maxLength });
  const body = fc.array(simple, { maxLength: 4 });
  const residual: fc.Arbitrary<Residual> = fc.record({ kind: fc.constant('residual' as const), body });
  const concat: fc.Arbitrary<Concat> = fc.record({
    kind: fc.constant('concat' as const),
    branches: fc.array(body, { minLength: 1, maxLength: 2 }),
  });
  return fc.array(
    fc.oneof(
      { weight: 5, arbitrary: simple as fc.Arbitrary<Step> },
      { weight: 1, arbitrary: residual },
      { weight: 1, arbitrary: concat },
    ),
    { maxLength },
  );
}
