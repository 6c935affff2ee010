/** Families of networks, each with the property that a law needs. */
import fc from 'fast-check';
import { buildNetwork, type GeneratedNetwork, type NetworkSpec, type Sign } from './build-network.js';
import { functionStep, mapFormsStep, type FunctionStep } from './functions.js';
import { networkText } from './network-text.js';
import { avgPool, conv, denseConv, maxPool, relu, steps, type Conv, type Family, type Step } from './steps.js';

type HeadKind = NetworkSpec['head']['kind'];

/** Odd, even and non-square. */
function inputUpTo(channels: number, size: number): fc.Arbitrary<NetworkSpec['input']> {
  const side = fc.integer({ min: 1, max: size });
  return fc.tuple(fc.integer({ min: 1, max: channels }), side, side);
}
const smallInput = inputUpTo(3, 7);
const numbers = fc.constantFrom('exact' as const, 'rough' as const);
const seed = fc.integer({ min: 0, max: 0x7f_ff_ff_ff });

function head(kinds: readonly HeadKind[], sign: Sign) {
  return fc.record({
    kind: fc.constantFrom(...kinds),
    sign: fc.constant(sign),
    classes: fc.integer({ min: 1, max: 4 }),
  });
}

function network(
  segments: fc.Arbitrary<NetworkSpec['segments']>,
  heads: readonly HeadKind[],
  { bias = true, headSign = 'any' as Sign, input = smallInput } = {},
): fc.Arbitrary<GeneratedNetwork> {
  return fc
    .record({ input, segments, head: head(heads, headSign), numbers, seed, bias: fc.constant(bias) })
    .map((spec) => readable(buildNetwork(spec)));
}

/** fast-check prints a counter-example through its `toStringMethod`. */
function readable<T extends GeneratedNetwork>(generated: T): T {
  return { ...generated, [fc.toStringMethod]: () => networkText(generated.description, generated.weights) };
}

type Segments = readonly { readonly steps: readonly Step[]; readonly sign: Sign }[];

function oneSegment(family: Family, sign: Sign = 'any', maxLength?: number): fc.Arbitrary<Segments> {
  return steps(family, maxLength).map((drawn) => [{ steps: drawn, sign }]);
}

const everything: Family = { relu: 'any', maxPool: true, branches: true };
const linear: Family = { relu: 'none', maxPool: false, branches: true };
const pooled = ['adaptive', 'average'] as const;
const anyHead = ['adaptive', 'average', 'flatten', 'hidden'] as const;
const linearHead = ['adaptive', 'average', 'flatten'] as const;

export const anyNetwork = network(oneSegment(everything), anyHead);

/** Larger images and wider windows, with more channels between them, than a law needs. */
export const wideNetwork = network(oneSegment({ ...everything, windows: 'wide' }), anyHead, {
  input: inputUpTo(3, 24),
});

/** Functions between layers. Values that are not exact keep away from switch points. */
export const functionNetwork: fc.Arbitrary<GeneratedNetwork> = fc
  .record({
    input: smallInput,
    steps: fc.array(
      fc.oneof(
        { weight: 3, arbitrary: functionStep as fc.Arbitrary<FunctionStep | Step> },
        { weight: 1, arbitrary: conv },
        { weight: 1, arbitrary: relu },
      ),
      { minLength: 1, maxLength: 5 },
    ),
    head: head(anyHead, 'any'),
    seed,
  })
  .map(({ steps: drawn, ...spec }) =>
    readable(buildNetwork({ ...spec, numbers: 'rough', bias: true, segments: [{ steps: drawn, sign: 'any' }] })),
  );

/** Only convolutions, normalisation, averages, sums and one linear layer. */
export const linearNetwork = network(oneSegment(linear), linearHead);

/** One linear layer on the image itself. */
export const singleLayer = network(fc.constant([]), ['flatten']);

/** f(s·x) = s·f(x) for s > 0: ReLU, max pooling, no biases. */
export const homogeneousNetwork = network(oneSegment({ relu: 'plain', maxPool: true, branches: true }), anyHead, {
  bias: false,
});

/** No weight is negative; biases may be. */
export const nonNegativeNetwork = network(oneSegment(everything, 'non-negative'), anyHead, {
  headSign: 'non-negative',
});

/** Global average pooling, then one linear layer: `maps`, then `fc`. */
export const gapNetwork = network(oneSegment(everything), pooled);

/** Linear steps of any sign, one layer of ReLUs, then only non-negative weights. */
export const oneReluNetwork = network(
  fc
    .tuple(steps(linear, 3), relu, steps({ relu: 'none', maxPool: true, branches: true }, 3))
    .map(([before, rectify, after]) => [
      { steps: [...before, rectify], sign: 'any' as const },
      { steps: after, sign: 'non-negative' as const },
    ]),
  linearHead,
  { headSign: 'non-negative' },
);

/** ReLUs on the image itself, then one linear layer. */
export const reluFirstNetwork = network(
  relu.map((rectify) => [{ steps: [rectify], sign: 'any' as const }]),
  ['flatten'],
);

/** No step favours left or right: width strides are 1, and nothing has ties. */
export const mirrorNetwork = network(
  oneSegment({ relu: 'any', maxPool: false, branches: true }).map((segments) =>
    segments.map(({ steps: drawn, sign }) => ({ sign, steps: drawn.map(withoutWidthStride) })),
  ),
  pooled,
);

function withoutWidthStride(step: Step): Step {
  return 'stride' in step ? { ...step, stride: [step.stride[0], 1] } : step;
}

/** Every pixel alone: 1×1 convolutions and ReLUs, then global average pooling. */
export const pointwiseNetwork = network(
  fc
    .array(fc.oneof(conv.map(pointwise), relu), { maxLength: 4 })
    .map((drawn) => [{ steps: drawn, sign: 'any' as const }]),
  pooled,
);

function pointwise(drawn: Conv): Conv {
  return { ...drawn, kernel: [1, 1], stride: [1, 1], padding: [0, 0], dilation: [1, 1] };
}

export interface ChannelNetwork extends GeneratedNetwork {
  /** Two dense convolutions; only ReLUs and pooling between them. */
  readonly first: string;
  readonly second: string;
}

/** For laws about the channels between two layers. */
export const channelNetwork: fc.Arbitrary<ChannelNetwork> = fc
  .record({
    input: smallInput,
    before: steps(everything, 2),
    first: denseConv,
    between: fc.array(fc.oneof(relu, maxPool, avgPool), { maxLength: 2 }),
    second: denseConv,
    after: steps(everything, 2),
    head: head(anyHead, 'any'),
    numbers,
    seed,
  })
  .map(({ before, first, between, second, after, ...spec }) => {
    const all = [...before, first, ...between, second, ...after];
    const generated = buildNetwork({ ...spec, bias: true, segments: [{ steps: all, sign: 'any' }] });
    return readable({ ...generated, first: String(before.length), second: String(before.length + 1 + between.length) });
  });

export interface MapFormsNetwork extends GeneratedNetwork {
  /** Tokens before those of the map. */
  readonly skip: number;
}

/** A map that the network turns into tokens and back: the layers of `formLayers`. */
export const mapFormsNetwork: fc.Arbitrary<MapFormsNetwork> = fc
  .record({
    input: smallInput,
    before: steps(everything, 2),
    skip: fc.integer({ min: 0, max: 2 }),
    after: steps(everything, 2),
    head: head(anyHead, 'any'),
    numbers,
    seed,
  })
  .map(({ before, skip, after, ...spec }) => {
    const all = [...before, mapFormsStep(skip), ...after];
    const generated = buildNetwork({ ...spec, bias: true, segments: [{ steps: all, sign: 'any' }] });
    return readable({ ...generated, skip });
  });
