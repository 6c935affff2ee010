/**
 * The domain of Touchstone on one page. Read this first.
 *
 * A *case* is method × network × input × parameters, with a reason to exist. A *golden* is what real PyTorch computed
 * for it, *stage* by stage. A *port* is an implementation under test (ours, on some *backend*, is simply the first);
 * judging what it computed against the golden gives an *outcome*.
 *
 * Everything that is read from a file or a port is parsed with the schemas below; their inferred types are the types
 * that the code uses. Every tensor outside the engines is NCHW, and a `HostTensor`.
 */
import { z } from 'zod';

/** A dense tensor in plain memory, row-major; NCHW when it is 4-D. */
export interface HostTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array;
}

/** Stage name → tensor, in the order in which the stages are computed and compared. */
export type Stages = Record<string, HostTensor>;

/** A name that may become a folder: letters, digits, `.`, `_`, `-`; slashes between; no part may begin with a dot. */
export const Name = z
  .string()
  .max(200)
  .regex(/^[A-Za-z0-9_][\w.-]*(\/[A-Za-z0-9_][\w.-]*)*$/, 'letters, digits, ".", "_", "-", parts separated by "/"');

const Size = z.number().int().min(0).max(1_000_000);
/** Position of an element within one row of a batch; a real network's maps have more than a million. */
const Index = z.number().int().min(0);
const Extent = z.number().int().min(0).max(4096);
const Pair = z.tuple([Extent, Extent]);
const Positive = Extent.min(1);
const PositivePair = z.tuple([Positive, Positive]);

/** `a·i+b`; the minus may be − or -, the dot · or *. */
export const binValue = /^([−-]?\d+(?:\.\d+)?)[·*]i(?:([+−-])(\d+(?:\.\d+)?))?$/u;

/**
 * What is explained: a function of the outputs, given as data.
 * `class`: the logit of one class for all images, or of one class per image. `weights`: a weighted sum of logits
 * (a one-hot vector gives the same bits as the class index). `sum`: of heads, each by the expectation of its softmax,
 * where bin i has the value that `expectation` says, such as "3·i−90".
 */
export const Target = z.union([
  z.strictObject({ class: z.union([Size, z.array(Size).min(1)]) }),
  z.strictObject({ weights: z.array(z.number()).min(1) }),
  z.strictObject({
    sum: z
      .array(
        z.strictObject({
          head: z.string(),
          expectation: z.string().max(40).regex(binValue, 'a line over the bins, such as "3·i−90"'),
        }),
      )
      .min(1),
  }),
]);
export type Target = z.infer<typeof Target>;

/** One line of `golden/cases.jsonl`. */
export const CaseRow = z.strictObject({
  /** `method/network/input[/variant]` */
  id: Name,
  method: Name,
  /** Folder under `golden/networks`. */
  network: Name,
  /** File under `golden/inputs`, without `.safetensors`; holds `x`, [N,C,H,W] float32. */
  input: Name,
  /** File under `golden/fixtures`, without `.safetensors`; holds stored randomness, such as `noise`. */
  fixture: Name.optional(),
  target: Target,
  /** Parameters that differ from the method's defaults. */
  params: z.record(z.string(), z.unknown()).default({}),
  /** `quick` cases run in both profiles. */
  profile: z.enum(['quick', 'full']),
  /** The golden keeps only every n-th value of large stages; see `GoldenMeta.sampled`. */
  sampled: z.boolean().default(false),
  /** Which mistake this case is there to catch. */
  why: z.string().min(10),
});
export type CaseRow = z.infer<typeof CaseRow>;

// ── Networks ────────────────────────────────────────────────────────────────────────────────────────────────────────

const Pool = { kernelSize: PositivePair, stride: PositivePair, padding: Pair, ceilMode: z.boolean() };
const MaxPool2d = z.strictObject({ ...Pool, dilation: PositivePair });
const AvgPool2d = z.strictObject({
  ...Pool,
  countIncludePad: z.boolean(),
  divisorOverride: z.number().int().min(1).nullable(),
});
const AdaptiveAvgPool2d = z.strictObject({
  /** null: the input's own size */ outputSize: z.tuple([Positive.nullable(), Positive.nullable()]),
});
const Flatten = z.strictObject({ startDim: z.number().int(), endDim: z.number().int() });
const Inplace = z.strictObject({ inplace: z.boolean() });
const Nothing = z.strictObject({});

/** Leaf modules: PyTorch's class name → its attributes, in camelCase. */
export const leafAttributes = {
  Conv2d: z.strictObject({
    inChannels: Size,
    outChannels: Size,
    kernelSize: PositivePair,
    stride: PositivePair,
    padding: Pair,
    dilation: PositivePair,
    groups: z.number().int().min(1),
    bias: z.boolean(),
  }),
  Linear: z.strictObject({ inFeatures: Size, outFeatures: Size, bias: z.boolean() }),
  BatchNorm2d: z.strictObject({ numFeatures: Size, eps: z.number(), affine: z.boolean() }),
  ReLU: Inplace,
  ReLU6: Inplace,
  MaxPool2d,
  AvgPool2d,
  AdaptiveAvgPool2d,
  /** left, right, top, bottom, as PyTorch orders them */
  ZeroPad2d: z.strictObject({ padding: z.tuple([Extent, Extent, Extent, Extent]) }),
  Dropout: z.strictObject({ p: z.number(), inplace: z.boolean() }),
  Flatten,
  Identity: Nothing,
} as const;
export type LeafType = keyof typeof leafAttributes;
export type LeafAttributes<T extends LeafType> = z.infer<(typeof leafAttributes)[T]>;

/** Functions called between modules: name → attributes. */
export const opAttributes = {
  add: Nothing,
  /** `dim` counts NCHW dimensions */
  cat: z.strictObject({ dim: z.number().int() }),
  relu: Inplace,
  relu6: Inplace,
  max_pool2d: MaxPool2d,
  avg_pool2d: AvgPool2d,
  adaptive_avg_pool2d: AdaptiveAvgPool2d,
  flatten: Flatten,
  dropout: Inplace,
} as const;
export type OpName = keyof typeof opAttributes;
export type OpAttributes<T extends OpName> = z.infer<(typeof opAttributes)[T]>;

/** One step of a container's forward: `name = module(args)` or `name = op(args)`. */
const Call = z.union([
  z.strictObject({ name: z.string(), module: z.string(), args: z.array(z.string()).min(1) }),
  z.strictObject({
    name: z.string(),
    op: z.string(),
    args: z.array(z.string()).min(1),
    attributes: z.record(z.string(), z.unknown()),
  }),
]);

const Leaf = z.strictObject({ type: z.string(), attributes: z.record(z.string(), z.unknown()) });
const Container = z.strictObject({
  /** The class's name, for people. */
  type: z.string(),
  inputs: z.array(z.string()).min(1),
  calls: z.array(Call),
  /** The name of the value that is returned. */
  output: z.string(),
});
/** The same module object under a second name. */
const Alias = z.strictObject({ alias: z.string() });

/** How a picture (RGB, 0–255) becomes the network's input: shorter side to `resize`, centre crop, `(pixel − mean) / std`. */
const Preprocess = z.strictObject({
  resize: z.number().int().min(1).max(4096),
  crop: z.tuple([z.number().int().min(1).max(4096), z.number().int().min(1).max(4096)]),
  mean: z.array(z.number()).min(1).max(4),
  std: z.array(z.number().positive()).min(1).max(4),
});

/** `network.json`: the module tree as PyTorch has it. The weights lie beside it under their `state_dict` names. */
export const NetworkDescription = z.strictObject({
  format: z.literal('touchstone-network'),
  version: z.literal(1),
  name: z.string().min(1).max(200),
  why: z.string(),
  /** [C,H,W] */
  input: z.strictObject({ shape: z.tuple([Size, Size, Size]) }),
  preprocess: Preprocess.optional(),
  classes: z.array(z.string()).optional(),
  /** Of a network that returns several outputs: they stand side by side in its one output [N,Σsize], in this order. */
  heads: z
    .array(z.strictObject({ name: z.string().min(1).max(100), size: z.number().int().min(1).max(100_000) }))
    .min(2)
    .optional(),
  /** The weights are not stored, but drawn; see docs/formats.md. */
  weights: z
    .strictObject({ generator: z.literal('philox4x32-10'), seed: z.number().int().min(0).max(0xffffffff) })
    .optional(),
  /** Dotted path → module; `""` is the network itself. */
  modules: z.record(z.string(), z.union([Leaf, Container, Alias])),
});
export type NetworkDescription = z.infer<typeof NetworkDescription>;
export type ContainerDescription = z.infer<typeof Container>;
export type Preprocess = z.infer<typeof Preprocess>;

// ── Goldens ─────────────────────────────────────────────────────────────────────────────────────────────────────────

/** `e2 = ‖x−r‖₂/‖r‖₂`, `eMax = max|x−r|/max|r|`. */
export const Errors = z.strictObject({ e2: z.number(), eMax: z.number() });
export type Errors = z.infer<typeof Errors>;

/**
 * What lies in `__metadata__.touchstone` of `golden/data/<case id>.safetensors`, as JSON. The tensors there:
 * one float64 tensor per stage; `sketch/<i>/forward` and `sketch/<i>/gradient`, up to 64 probe values each;
 * `flip/<i>/<stage>`, the answers with one unit at a kink on its other side.
 */
export const GoldenMeta = z.strictObject({
  case: Name,
  stages: z.array(z.string()).min(1),
  /** Stage → PyTorch float32's own error against the float64 result. */
  reference: z.record(z.string(), Errors),
  /** Stage → its shape and n, where only the values at 0, n, 2n, … (NCHW order) are stored, as one row. */
  sampled: z.record(z.string(), z.strictObject({ shape: z.array(Size), every: z.number().int().min(2) })).default({}),
  /** Stages that are not compared number by number, but by the method's claims (see `Method.claims`): name → shape. Values are stored where they are few. */
  claimed: z.record(z.string(), z.array(Size)).default({}),
  /** Multiply-adds of one run, as PyTorch counts them. */
  multiplyAdds: z.number().int().default(0),
  /** Smallest |pre-activation| of a ReLU and smallest lead of a pool window's maximum, relative to the layer's largest value; null: no such layer. */
  margin: z.strictObject({ relu: z.number().nullable(), pool: z.number().nullable() }),
  /** Units so near a kink that float32 may put them on the other side. */
  atRisk: z.number().int(),
  /** Units with a stored alternative answer. */
  flips: z.array(z.strictObject({ module: z.string(), call: Size, index: Index })),
  /** One per call of a leaf module, in order of execution; row 0 of the method's first pass. `indices` count in NCHW order. */
  sketch: z.array(
    z.strictObject({
      module: z.string(),
      call: Size,
      shape: z.array(Size),
      indices: z.array(Index),
      /** Euclidean norms of the whole row. `gradient` is null where no gradient is taken. */
      forward: z.number(),
      gradient: z.number().nullable(),
    }),
  ),
  torch: z.string(),
});
export type GoldenMeta = z.infer<typeof GoldenMeta>;

/** `golden/manifest.json` */
export const Manifest = z.strictObject({
  version: z.string(),
  software: z.record(z.string(), z.string()),
  /** The machine on which the goldens were made: same machine, same bytes. */
  machine: z.string(),
  /** Path below `golden/` → hash and size. */
  files: z.record(z.string(), z.strictObject({ sha256: z.string().regex(/^[0-9a-f]{64}$/), bytes: z.number().int() })),
  licences: z.array(z.strictObject({ files: z.string(), licence: z.string(), source: z.string() })),
});
export type Manifest = z.infer<typeof Manifest>;

// ── Results ─────────────────────────────────────────────────────────────────────────────────────────────────────────

export const Status = z.enum(['passed', 'failed', 'skipped', 'errored']);
export type Status = z.infer<typeof Status>;

/** What decided: the name of the check that failed. */
export const Check = z.enum(['shape', 'non-finite', 'e2', 'eMax', 'repeat', 'leak', 'stages', 'claim', 'golden']);
export type Check = z.infer<typeof Check>;

export const Header = z.object({
  kind: z.literal('header'),
  version: z.literal(1),
  touchstone: z.string(),
  started: z.string(),
  /** Hash of `golden/manifest.json`. */
  golden: z.string(),
  port: z.strictObject({ name: z.string(), version: z.string() }),
  /** `precision`: with `float16` the verdicts are those of half precision. `software`: a program in place of the GPU that the backend is made for. */
  backends: z.array(
    z.object({
      id: z.string(),
      device: z.string(),
      precision: z.string(),
      softwareRenderer: z.boolean().default(false),
    }),
  ),
  /** Backends that were asked for and cannot run here, and why. Each of their cases is skipped, or errored where the backend is required. */
  unavailable: z.array(z.object({ id: z.string(), reason: z.string() })).default([]),
  machine: z.string(),
});
export type Header = z.infer<typeof Header>;

export const Outcome = z.object({
  kind: z.literal('outcome'),
  case: z.string(),
  method: z.string(),
  network: z.string(),
  backend: z.string(),
  status: Status,
  /** The stage with the largest ratio to what is allowed; the first diverging one when failed. */
  stage: z.string().nullable(),
  e2: z.number().nullable(),
  eMax: z.number().nullable(),
  /** Allowed `e2` and `eMax`. */
  allowed: z.number().nullable(),
  allowedMax: z.number().nullable(),
  /** The larger of `e2/allowed` and `eMax/allowedMax`. */
  ratio: z.number().nullable(),
  check: Check.nullable(),
  /** Error code when errored; see `errors.ts`. */
  code: z.string().nullable(),
  /** For a person: why it failed, was skipped or errored; how it passed, if not plainly. */
  reason: z.string().nullable(),
  milliseconds: z.number().nullable(),
  /** The most memory that the engine's process held while it ran the case, in bytes; null where the system does not say. */
  peakBytes: z.number().nullable(),
});
export type Outcome = z.infer<typeof Outcome>;

export const Footer = z.object({
  kind: z.literal('footer'),
  passed: z.number().int(),
  failed: z.number().int(),
  skipped: z.number().int(),
  errored: z.number().int(),
  /** Backend → its case that came nearest to what is allowed, or went furthest beyond; `ratio` null: it failed in a way that cannot be measured. */
  worst: z
    .record(z.string(), z.object({ ratio: z.number().nullable(), case: z.string(), stage: z.string().nullable() }))
    .default({}),
  milliseconds: z.number(),
});
export type Footer = z.infer<typeof Footer>;

/** A line of `results.ndjson`: header, outcomes, footer. No footer: incomplete, never green. */
export const ResultLine = z.discriminatedUnion('kind', [Header, Outcome, Footer]);
export type ResultLine = z.infer<typeof ResultLine>;
