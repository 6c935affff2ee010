import { z } from 'zod';
import { Preprocess } from './preprocess.js';
import { Size } from './values.js';

/** A tensor's shape, as PyTorch has it; `[]` of a single number. */
const Shape = z.array(Size).max(8);

/**
 * One line of a container's forward: `name = module(args)`, `name = op(args)`, a tensor of some module by its
 * `state_dict` name, or a number.
 */
const Call = z.union([
  z.strictObject({ name: z.string(), module: z.string(), args: z.array(z.string()).min(1) }),
  z.strictObject({
    name: z.string(),
    op: z.string(),
    args: z.array(z.string()).min(1),
    attributes: z.record(z.string(), z.unknown()),
  }),
  z.strictObject({ name: z.string(), weight: z.string() }),
  z.strictObject({ name: z.string(), number: z.number() }),
]);

const Leaf = z.strictObject({ type: z.string(), attributes: z.record(z.string(), z.unknown()) });
const Container = z.strictObject({
  /** The class's name, for people. */
  type: z.string(),
  inputs: z.array(z.string()).min(1),
  /** Its own tensors, such as a class token: name → shape. */
  weights: z.record(z.string().regex(/^[^.]+$/, 'a name without "."'), Shape).optional(),
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

/** A call that computes something. */
export type StepCall = Extract<ContainerDescription['calls'][number], { args: unknown }>;
