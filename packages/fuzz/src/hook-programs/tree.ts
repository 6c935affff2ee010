/**
 * The pieces of a random module tree. Each is fitted to the value that it receives, so that any list of them is a
 * network.
 */
import fc from 'fast-check';

/** `from`: which of the values so far it takes, 0 for the latest. */
export type Piece = { readonly from: number } & (
  | { readonly kind: 'idle'; readonly type: 'Identity' | 'Dropout'; readonly inplace: boolean }
  | { readonly kind: 'relu'; readonly six: boolean; readonly functional: boolean; readonly inplace: boolean }
  | { readonly kind: 'conv'; readonly out: number; readonly kernel: number; readonly bias: boolean }
  | { readonly kind: 'norm' }
  | { readonly kind: 'pool'; readonly type: 'MaxPool2d' | 'AvgPool2d'; readonly functional: boolean }
  /** Averages to at most `size`×`size`. */
  | { readonly kind: 'adaptive'; readonly size: number; readonly functional: boolean }
  /** left, right, top, bottom */
  | { readonly kind: 'pad'; readonly padding: readonly [number, number, number, number] }
  | { readonly kind: 'add' | 'cat'; readonly other: number }
  /** A container. */
  | { readonly kind: 'block'; readonly pieces: readonly Piece[] }
  /** A container with two inputs, the second of which is added or appended at its end. */
  | { readonly kind: 'join'; readonly pieces: readonly Piece[]; readonly other: number }
  /** A module that was called before, called again; under a second name where needed, or with `alias`. */
  | { readonly kind: 'again'; readonly of: number; readonly alias: boolean }
  /** A module that is never called. */
  | { readonly kind: 'spare' }
);

/** Maps are flattened, which gives a view of the same memory, and go through one Linear or two. */
export interface Head {
  readonly classes: number;
  /** In its own container. */
  readonly nested: boolean;
  /** Flattened by a function instead of a module. */
  readonly functional: boolean;
  /** In-place ReLUs: on the maps after they were flattened, on the flattened view. */
  readonly rectified: { readonly maps: boolean; readonly view: boolean };
  /** The maps are flattened once more, for a second Linear whose output is added. */
  readonly twice: boolean;
  /** Another Linear and an in-place ReLU before the last. */
  readonly hidden: boolean;
}

export interface Tree {
  /** [C,H,W] */
  readonly input: readonly [number, number, number];
  readonly pieces: readonly Piece[];
  readonly head: Head;
  /**
   * Where in-place operations are allowed. `anywhere` includes the network's own input, which PyTorch refuses where
   * that requires a gradient.
   */
  readonly inplace: 'none' | 'inside' | 'anywhere';
  readonly seed: number;
}

const flag = (chance: number): fc.Arbitrary<boolean> =>
  fc.integer({ min: 0, max: 99 }).map((drawn) => drawn >= 100 - chance);
const other = fc.nat({ max: 5 });
const margin = fc.integer({ min: 0, max: 1 });

/** Mostly 0. */
const from = fc.oneof(
  { weight: 6, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 3 }) },
);

type Weighted = { weight: number; arbitrary: fc.Arbitrary<Piece> };

const kind = <K extends Piece['kind']>(name: K): fc.Arbitrary<K> => fc.constant(name);

/** One module or function each. */
const layers: readonly Weighted[] = [
  {
    weight: 2,
    arbitrary: fc.record({
      kind: kind('idle'),
      from,
      type: fc.constantFrom('Identity' as const, 'Dropout' as const),
      inplace: flag(30),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({ kind: kind('relu'), from, six: flag(15), functional: flag(30), inplace: flag(60) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: kind('conv'),
      from,
      out: fc.integer({ min: 1, max: 3 }),
      kernel: fc.integer({ min: 1, max: 3 }),
      bias: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: kind('norm'), from }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: kind('pool'),
      from,
      type: fc.constantFrom('MaxPool2d' as const, 'AvgPool2d' as const),
      functional: flag(30),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: kind('adaptive'), from, size: fc.integer({ min: 1, max: 5 }), functional: flag(30) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: kind('pad'), from, padding: fc.tuple(margin, margin, margin, margin) }) },
];

const merges: readonly Weighted[] = [
  { weight: 3, arbitrary: fc.record({ kind: kind('add'), from, other }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('cat'), from, other }) },
];

const modulesAgainOrNever: readonly Weighted[] = [
  { weight: 4, arbitrary: fc.record({ kind: kind('again'), from, of: other, alias: flag(40) }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('spare'), from }) },
];

function containers(depth: number): Weighted[] {
  const inside = (): fc.Arbitrary<Piece[]> => pieces(depth - 1, 3);
  return [
    { weight: 5, arbitrary: fc.record({ kind: kind('block'), from, pieces: inside() }) },
    { weight: 3, arbitrary: fc.record({ kind: kind('join'), from, pieces: inside(), other }) },
  ];
}

/** A counter-example shrinks to the first kinds. `depth`: how deep containers may nest. */
function piece(depth: number): fc.Arbitrary<Piece> {
  const choices = [...layers, ...merges, ...modulesAgainOrNever, ...(depth === 0 ? [] : containers(depth))];
  return fc.oneof({ withCrossShrink: true }, ...choices);
}

function pieces(depth: number, maxLength: number): fc.Arbitrary<Piece[]> {
  return fc.array(piece(depth), { maxLength });
}

export const tree: fc.Arbitrary<Tree> = fc.record({
  input: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 3, max: 5 }), fc.integer({ min: 3, max: 5 })),
  pieces: pieces(2, 7),
  head: fc.record({
    classes: fc.integer({ min: 2, max: 3 }),
    nested: flag(30),
    functional: flag(30),
    rectified: fc.record({ maps: flag(20), view: flag(30) }),
    twice: flag(20),
    hidden: flag(25),
  }),
  inplace: fc.oneof(
    { weight: 10, arbitrary: fc.constant('none' as const) },
    { weight: 10, arbitrary: fc.constant('inside' as const) },
    { weight: 1, arbitrary: fc.constant('anywhere' as const) },
  ),
  seed: fc.nat(),
});
