/**
 * What the harness and its child processes say to each other, over Node's IPC with structured cloning (typed arrays
 * stay typed arrays). The harness asks one thing at a time. Replies share the child with somebody else's code, so they
 * are parsed like any other input.
 */
import { z } from 'zod';
import type { GoldenMeta, HostTensor, Stages } from '@touchstone/contract';
import type { KinkDifference, Kinks } from '@touchstone/methods';
import type { ProbeQuestion } from '@touchstone/network';
import type { ExplainRequest } from './request.js';

/** What a host serves: one of our backends, or a port that is a JavaScript module. */
export type Serves = { readonly backend: string } | { readonly module: string };

export type Request =
  | { readonly kind: 'open'; readonly serves: Serves }
  | { readonly kind: 'run'; readonly seq: number; readonly job: ExplainRequest }
  /** Once more, with the probes of every layer: diagnosis. */
  | {
      readonly kind: 'sketch';
      readonly seq: number;
      readonly job: ExplainRequest;
      readonly sketch: GoldenMeta['sketch'];
    }
  /** Once more, recording what decided at the kinks. */
  | { readonly kind: 'kinks'; readonly seq: number; readonly job: ExplainRequest }
  /** With what another backend recorded forced on it; `own`: before that also without. */
  | {
      readonly kind: 'replay';
      readonly seq: number;
      readonly job: ExplainRequest;
      readonly kinks: Kinks;
      readonly own: boolean;
    }
  /** Of the method's mutants the answers at one stage, of as many as can be begun within the time. */
  | {
      readonly kind: 'mutants';
      readonly seq: number;
      readonly job: ExplainRequest;
      readonly stage: string;
      readonly milliseconds: number;
    }
  /** Whether the method's claims hold of somebody's answer; `golden` are its claimed stages as far as they are stored. */
  | {
      readonly kind: 'claims';
      readonly seq: number;
      readonly job: ExplainRequest;
      readonly stages: Stages;
      readonly golden: Stages;
    }
  /** Not about a job: what TF.js and our network package answer to the probes of gradient rules. */
  | { readonly kind: 'probes'; readonly seq: number; readonly questions: readonly ProbeQuestion[] }
  | SpeedRequest;

/** What our method is helped by. */
export interface Help {
  /** More than one: a pool of so many, in a process. */
  readonly engines: number;
}

/** Benchmarks: each is run once, on the clock. */
export type SpeedRequest =
  /** The job, by our method or by stock TF.js (SmoothGrad only); the stage `answer` comes along. */
  | ({
      readonly kind: 'time';
      readonly seq: number;
      readonly job: ExplainRequest;
      readonly by: 'ours' | 'stock';
      readonly answer: string | null;
    } & Help)
  /** Of one forward pass of the job's network on its x. */
  | { readonly kind: 'multiply-adds'; readonly seq: number; readonly job: ExplainRequest }
  /** Of two matrices size × size: what the engine can do. */
  | { readonly kind: 'product'; readonly seq: number; readonly size: number };

export type JobRequest = Exclude<Request, { kind: 'open' | 'probes' } | SpeedRequest>;

const Tensor = z.custom<HostTensor>(
  isTensor,
  '"data" must be a Float32Array or Float64Array whose length is the product of "shape", at most 8 sizes',
);

function isTensor(value: unknown): boolean {
  const { shape, data } = (value ?? {}) as Partial<Record<keyof HostTensor, unknown>>;
  if (!(data instanceof Float32Array || data instanceof Float64Array)) return false;
  return isShapeOf(shape, data.length);
}

function isShapeOf(shape: unknown, length: number): boolean {
  if (!Array.isArray(shape) || shape.length > 8 || !shape.every((size) => Number.isSafeInteger(size) && size >= 0))
    return false;
  return shape.reduce((product: number, size: number) => product * size, 1) === length;
}

export const StageTensors = z.record(z.string().max(300), Tensor);

const Mask = z.custom<Kinks['relus'][number]>((value) => {
  const { shape, data } = (value ?? {}) as { shape?: unknown; data?: unknown };
  return data instanceof Uint8Array && isShapeOf(shape, data.length);
}, 'is not a mask');

/** `furthest` may be ∞, which is no number to zod. */
function isDifference(value: unknown): boolean {
  const { flipped, furthest } = (value ?? {}) as { flipped?: unknown; furthest?: unknown };
  return typeof flipped === 'number' && typeof furthest === 'number';
}

const Seq = z.number().int();
const Text = z.string().max(10_000);

export const Reply = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('ready'),
    name: Text,
    version: Text,
    device: Text,
    precision: Text,
    softwareRenderer: z.boolean(),
  }),
  z.object({ kind: z.literal('unavailable'), reason: Text }),
  z.object({
    kind: z.literal('ran'),
    seq: Seq,
    stages: StageTensors,
    /** Of the first run. */
    milliseconds: z.number(),
    /** The first stage in which the second run's bits differ from the first's. */
    unrepeated: z.string().nullable(),
    /** Tensors left behind by both runs together. */
    leaked: z.number().int(),
    /** The most memory that the process held meanwhile, loading the network included; null: not known. */
    peakBytes: z.number().nullable(),
  }),
  z.object({
    kind: z.literal('sketched'),
    seq: Seq,
    sketch: z.array(z.object({ forward: Tensor, gradient: Tensor.nullable() })),
  }),
  z.object({
    kind: z.literal('kinked'),
    seq: Seq,
    kinks: z.object({ relus: z.array(Mask), pools: z.array(z.object({ x: Tensor, y: Tensor })) }),
  }),
  z.object({
    kind: z.literal('replayed'),
    seq: Seq,
    stages: StageTensors,
    own: StageTensors.nullable(),
    difference: z.custom<KinkDifference>(isDifference, 'is not a difference'),
  }),
  z.object({
    kind: z.literal('mutated'),
    seq: Seq,
    answers: z.array(z.object({ id: Text, fault: Text, answer: Tensor })),
  }),
  z.object({
    kind: z.literal('claimed'),
    seq: Seq,
    claims: z.array(z.object({ name: Text, holds: z.boolean(), text: Text })),
  }),
  z.object({
    kind: z.literal('probed'),
    seq: Seq,
    tfjs: Text,
    answers: z.array(z.object({ id: Text, stock: z.union([Tensor, Text]), ours: z.union([Tensor, Text]) })),
  }),
  z.object({
    kind: z.literal('timed'),
    seq: Seq,
    milliseconds: z.number(),
    /** Of all the process's threads; null where the engine's home cannot tell. */
    processorMilliseconds: z.number().nullable(),
    answer: Tensor.nullable(),
    leaked: z.number().int(),
    /** The most memory held during the run, weights included; null: not known. */
    peakBytes: z.number().nullable(),
  }),
  z.object({ kind: z.literal('counted'), seq: Seq, multiplyAdds: z.number() }),
  z.object({ kind: z.literal('unsupported'), seq: Seq, reason: Text }),
  z.object({ kind: z.literal('threw'), seq: Seq, code: Text, message: Text, leaked: z.number().int() }),
]);
export type Reply = z.infer<typeof Reply>;
export type Ran = Extract<Reply, { kind: 'ran' }>;
export type Replayed = Extract<Reply, { kind: 'replayed' }>;
export type MutantAnswer = Extract<Reply, { kind: 'mutated' }>['answers'][number];
