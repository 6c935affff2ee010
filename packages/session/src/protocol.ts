/**
 * What a session and the process, thread or page behind it send each other: one request at a time. Typed arrays stay
 * typed arrays. Replies of a child process are parsed like any other input, because a port's code runs there too.
 */
import { z } from 'zod';
import {
  InMemoryTensor as Tensor,
  isErrorCode,
  isShapeOf,
  plainText,
  type ErrorCode,
  type GoldenMeta,
  StageTensors,
  type Stages,
  Target,
} from '@touchstone/contract';
import type {
  Cause,
  CauseOptions,
  NearUnits,
  Postcondition,
  SwitchPointDifference,
  SwitchPoints,
  WrongAnswer,
} from '@touchstone/methods';
import type { ProbeQuestion } from '@touchstone/network';
import type { NetworkFolder } from './network/network-parts.js';
import type { ExplainAnswer, ExplainOptions, ExplainRequest } from './request.js';

/** What a session opens: one of our backends, or a port that is a JavaScript module. */
export type Subject = { readonly backend: string } | { readonly module: string };

/** Questions that only our own methods can answer. */
export type Question =
  /** The probes of every layer. */
  | { readonly kind: 'sketch'; readonly request: ExplainRequest; readonly sketch: GoldenMeta['sketch'] }
  /** What decided at the switch points. */
  | { readonly kind: 'switchPoints'; readonly request: ExplainRequest }
  /** The answer with what another backend recorded forced on it; `own`: before that also without. */
  | {
      readonly kind: 'replay';
      readonly request: ExplainRequest;
      readonly switchPoints: SwitchPoints;
      readonly own: boolean;
    }
  /** The answers with one unit that is near its switch point on its other side, each: see `nearSwitchPoints`. */
  | {
      readonly kind: 'nearSwitchPoints';
      readonly request: ExplainRequest;
      readonly within: number;
      readonly most: number;
    }
  /** The known fault of the method that reproduces a wrong answer. */
  | {
      readonly kind: 'cause';
      readonly request: ExplainRequest;
      readonly wrong: WrongAnswer;
      readonly options: CauseOptions;
    }
  /** Whether the method's postconditions hold of an answer; `golden`: as far as their stages are stored. */
  | {
      readonly kind: 'postconditions';
      readonly request: ExplainRequest;
      readonly stages: Stages;
      readonly golden: Stages;
    }
  /** What TF.js and our network package answer to the probes of gradient rules. */
  | { readonly kind: 'probes'; readonly questions: readonly ProbeQuestion[] };

export type Request =
  | { readonly kind: 'open'; readonly subject: Subject }
  /** A folder where it has to be read at the other end. */
  | { readonly kind: 'load'; readonly network: string | NetworkFolder }
  | { readonly kind: 'explain'; readonly request: ExplainRequest; readonly options: Omit<ExplainOptions, 'deadlineMs'> }
  | Question
  | { readonly kind: 'tensors' }
  /** For the extension of whoever opened the session. */
  | { readonly kind: 'extension'; readonly question: unknown; readonly networkFolder?: string | undefined };

const Mask = z.custom<SwitchPoints['relus'][number]>((value) => {
  const { shape, data } = (value ?? {}) as { shape?: unknown; data?: unknown };
  return data instanceof Uint8Array && isShapeOf(shape, data.length);
}, 'is not a mask');

/** `furthest` may be ∞, which is no number to zod. */
function isDifference(value: unknown): boolean {
  const { flipped, furthest } = (value ?? {}) as { flipped?: unknown; furthest?: unknown };
  return typeof flipped === 'number' && typeof furthest === 'number';
}

const Text = z.string().max(10_000);
const Code = z.string().transform((code): ErrorCode => (isErrorCode(code) ? code : 'internal'));

const Info = z.object({
  name: Text,
  version: Text,
  device: Text,
  precision: Text,
  /** Whether a program computes in place of the GPU that the backend is made for. */
  softwareRenderer: z.boolean(),
  /** Of a port: the methods that it has. */
  methods: z.array(Text).max(1000).optional(),
  /** Of a port: what it declares. */
  layout: z.enum(['NCHW', 'NHWC']).optional(),
});
export type SessionInfo = Readonly<z.infer<typeof Info>>;

/** The probes of one layer: up to 64 values each. */
const LayerProbes = z.object({ forward: Tensor, gradient: Tensor.nullable() });
export type SketchProbes = Readonly<z.infer<typeof LayerProbes>>;

const CausePart = z.object({
  id: Text.nullable(),
  fault: Text,
  remedy: z.object({ how: Text, javascript: Text.optional(), python: Text.optional() }).nullable(),
});
const CauseAnswer = z.object({
  parts: z.array(CausePart),
  e2: z.number(),
  share: z.number(),
  rivals: z.array(z.object({ parts: z.array(CausePart), same: z.boolean() })),
});

const ProbeAnswers = z.object({
  tfjs: Text,
  answers: z.array(z.object({ id: Text, stock: z.union([Tensor, Text]), ours: z.union([Tensor, Text]) })),
});

const Replayed = z.object({
  stages: StageTensors,
  own: StageTensors.nullable(),
  difference: z.custom<SwitchPointDifference>(isDifference, 'is not a difference'),
});
export type Replayed = Readonly<z.infer<typeof Replayed>>;

/** Kind of question → its answer. */
export interface Diagnosis {
  readonly sketch: readonly SketchProbes[];
  readonly switchPoints: SwitchPoints;
  readonly replay: Replayed;
  readonly nearSwitchPoints: NearUnits;
  readonly cause: Cause | null;
  readonly postconditions: readonly Postcondition[];
  readonly probes: Readonly<z.infer<typeof ProbeAnswers>>;
}

const reply = <K extends string, V extends z.ZodType>(kind: K, value: V) => z.object({ kind: z.literal(kind), value });

export const Reply = z.discriminatedUnion('kind', [
  reply('opened', Info),
  z.object({ kind: z.literal('loaded') }),
  z.object({
    kind: z.literal('answered'),
    stages: StageTensors,
    target: Target.nullable().optional(),
    logits: Tensor.optional(),
    milliseconds: z.number().nullable(),
    unrepeated: z.string().nullable(),
    nonFinite: z.array(Text).max(1000).optional(),
    leaked: z.number().int(),
    peakBytes: z.number().nullable(),
  }),
  z.object({ kind: z.literal('skipped'), reason: Text.transform((text) => plainText(text)) }),
  z.object({
    kind: z.literal('errored'),
    code: Code,
    reason: Text.transform((text) => plainText(text, 800)),
    hint: Text.optional(),
    leaked: z.number().int(),
  }),
  reply('sketch', z.array(LayerProbes)),
  reply('switchPoints', z.object({ relus: z.array(Mask), pools: z.array(z.object({ x: Tensor, y: Tensor })) })),
  reply('replay', Replayed),
  reply(
    'nearSwitchPoints',
    z.object({ flips: z.array(StageTensors), units: z.number().int(), reach: StageTensors.nullable() }),
  ),
  reply('cause', CauseAnswer.nullable()),
  reply('postconditions', z.array(z.object({ name: Text, holds: z.boolean(), text: Text }))),
  reply('probes', ProbeAnswers),
  reply('tensors', z.number()),
  reply('extension', z.unknown()),
]);

/** Where it was not parsed, because our own code sent it. */
export type Reply =
  | ExplainAnswer
  | { readonly kind: 'opened'; readonly value: SessionInfo }
  | { readonly kind: 'loaded' }
  | { [K in keyof Diagnosis]: { readonly kind: K; readonly value: Diagnosis[K] } }[keyof Diagnosis]
  | { readonly kind: 'tensors'; readonly value: number }
  | { readonly kind: 'extension'; readonly value: unknown };
