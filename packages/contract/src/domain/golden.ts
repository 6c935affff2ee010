import { z } from 'zod';
import { Index, Name, Size } from './values.js';

/** `e2 = ‖x−r‖₂/‖r‖₂`, `eMax = max|x−r|/max|r|`. */
export const Errors = z.strictObject({ e2: z.number(), eMax: z.number() });
export type Errors = z.infer<typeof Errors>;

/**
 * The JSON in `__metadata__.touchstone` of `golden/data/<case id>.safetensors`. The tensors of the file: one per stage,
 * float64 rounded to float32 where that holds each number; `sketch/forward` and `sketch/gradient`, the probes of all
 * rows; `flip/<i>/<stage>`, the answers with one unit on the other side of its switch point.
 */
export const GoldenMeta = z.strictObject({
  case: Name,
  stages: z.array(z.string()).min(1),
  /** Stage → PyTorch float32's own error against the float64 result. */
  reference: z.record(z.string(), Errors),
  /** Stage → its shape and n, where only the values at 0, n, 2n, … (NCHW order) are stored, as one row. */
  sampled: z.record(z.string(), z.strictObject({ shape: z.array(Size), every: z.number().int().min(2) })).default({}),
  /**
   * Stages that postconditions judge instead of a comparison number by number: name → shape. Their values are stored
   * where they are few.
   */
  claimed: z.record(z.string(), z.array(Size)).default({}),
  /** Multiply-adds of one run, as PyTorch counts them. */
  multiplyAdds: z.number().int().default(0),
  /**
   * Smallest |pre-activation| of a ReLU, and smallest lead of a pool window's maximum, relative to the layer's largest
   * value. null: no such layer.
   */
  margin: z.strictObject({ relu: z.number().nullable(), pool: z.number().nullable() }),
  /** Units so near their switch point that float32 may put them on the other side. */
  atRisk: z.number().int(),
  /** Units with a stored alternative answer. */
  flips: z.array(z.strictObject({ module: z.string(), call: Size, index: Index })),
  /**
   * One per call of a leaf module, in order of execution: row 0 of the method's first pass. `indices` are in NCHW
   * order.
   */
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
  /** The machines on which the goldens were made: same machine, same bytes. */
  machines: z.array(z.string()).min(1),
  /** Path below `golden/` → hash and size. */
  files: z.record(z.string(), z.strictObject({ sha256: z.string().regex(/^[0-9a-f]{64}$/), bytes: z.number().int() })),
  licences: z.array(z.strictObject({ files: z.string(), licence: z.string(), source: z.string() })),
});
export type Manifest = z.infer<typeof Manifest>;
