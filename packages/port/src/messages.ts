/**
 * The port protocol, version 1: what the harness and a port that is a process send each other, one JSON object per
 * line, UTF-8, over the port's stdin and stdout. Tensors are sent as safetensors files. Everything is validated at both
 * ends. What a port sends may have further fields, which are ignored.
 */
import { Name, RequiredStages, Target } from '@touchstone/contract';
import { z } from 'zod';

const Text = z.string().min(1).max(100);
const Path = z.string().min(1).max(4096);
/** Cannot be guessed; a reply repeats it, so that what was printed by accident or prepared is not taken for a reply. */
const Nonce = z.string().regex(/^[\w-]{16,64}$/);
/** Counts the `run` messages of a process from 1. */
const Seq = z.number().int().min(1);
/** Of images, of fixtures and of every stage with 4 dimensions. */
const Layout = z.enum(['NCHW', 'NHWC']);

/** The first message. */
export const HelloMessage = z.strictObject({
  cmd: z.literal('hello'),
  protocol: z.literal(1),
  nonce: Nonce,
  suite: z.strictObject({ version: Text }),
  /** A folder for temporary files, which is removed after the end of the port. */
  scratch: Path,
});

/** What the port is and can do. */
export const HelloReply = z.object({
  protocol: z.literal(1),
  nonce: Nonce,
  port: z.object({ name: Text, version: Text, language: Text }),
  /** Ids of its methods; a case of another one is not sent. */
  methods: z.array(Text).max(1000),
  layout: Layout.default('NCHW'),
  /** Of the images that it is given. */
  dtype: z.enum(['float32', 'float64']).default('float32'),
});

/** One case, or the repetition of one. */
export const RunMessage = z.strictObject({
  cmd: z.literal('run'),
  seq: Seq,
  nonce: Nonce,
  case: Name,
  method: Text,
  /** Folder with network.json and, unless they are seeded, weights.safetensors. */
  network: Path,
  /** File with `x` and the fixtures, such as `noise`, in the port's layout. */
  inputs: Path,
  target: Target,
  /** All of the method's parameters. `layer` and `linear` name a module, except that t-SNE's `layer` may be null. */
  params: z.record(z.string(), z.unknown()),
  /** Every stage that is compared, and those without which the case fails. */
  want: z.array(z.string()),
  required: RequiredStages,
  /** The safetensors file that the port writes: a tensor per stage. */
  out: Path,
  deadlineMs: z.number().int().min(1),
});

/** The file `out` is complete when this is sent. */
export const RunReply = z.discriminatedUnion('status', [
  z.object({ seq: Seq, nonce: Nonce, status: z.literal('ok') }),
  /** What is asked cannot be answered here, which is no fault. */
  z.object({ seq: Seq, nonce: Nonce, status: z.literal('unsupported'), reason: z.string().max(10_000) }),
  z.object({ seq: Seq, nonce: Nonce, status: z.literal('error'), message: z.string().max(10_000) }),
]);

/** The last message. */
export const StopMessage = z.strictObject({ cmd: z.literal('stop'), nonce: Nonce });

/** @property ran how many `run` messages this process has answered, whatever the status */
export const StopReply = z.object({ bye: z.literal(true), nonce: Nonce, ran: z.number().int().min(0) });

/** Everything that is sent to a port. */
export const PortMessage = z.discriminatedUnion('cmd', [HelloMessage, RunMessage, StopMessage]);
/** Everything that a port sends. */
export const PortReply = z.union([HelloReply, RunReply, StopReply]);

export type HelloMessage = z.infer<typeof HelloMessage>;
export type HelloReply = z.infer<typeof HelloReply>;
export type RunMessage = z.infer<typeof RunMessage>;
export type RunReply = z.infer<typeof RunReply>;
export type StopMessage = z.infer<typeof StopMessage>;
export type StopReply = z.infer<typeof StopReply>;
export type PortMessage = z.infer<typeof PortMessage>;
export type PortReply = z.infer<typeof PortReply>;
