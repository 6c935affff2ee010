import { z } from 'zod';
import { Preprocess } from './preprocess.js';
import { Size } from './values.js';

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

/** `network.json`: the module tree of PyTorch. The weights are in another file, under their `state_dict` names. */
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
