/** What the commands print with --json, apart from `verify` and `bench`. docs/schemas has each as JSON Schema. */
import { LikelyCause, Outcome, Target } from '@touchstone/contract';
import { z } from 'zod';
import { doctor, doctorProbes } from './doctor-outputs.js';
import { fuzz, fuzzCorpus, fuzzMethods } from './fuzz-outputs.js';
import { printJson } from './output.js';
import { reportJson } from './report-json.js';

const count = z.number().int().nonnegative();
const index = z.number().int().nonnegative();
const names = z.array(z.string());
/** What a port did against the rules of ports: then nothing that it answered counts. */
const faults = names;
const probability = z.number().min(0).max(1);

/** null: there is no distance, because of another shape or NaN. */
const distance = z.number().nullable();

/** null: one of the two does not give it; `Infinity`: it has another shape, or NaN. */
const givenDistance = z.number().or(z.literal('Infinity')).nullable();

const SeenImage = z.object({
  image: index,
  /** The explained class; null where the target is not a class. */
  target: index.nullable(),
  /** The top classes, the best first; empty where the network has several outputs, or returns maps. */
  top: z.array(z.object({ class: index, name: z.string().nullable(), probability })),
  /** Of a network with several outputs: the likeliest bin of each. */
  heads: z.array(z.object({ head: z.string(), bin: index, probability })).optional(),
  /** Of a network that returns maps: the classes that are the likeliest in most pixels, and in what share of them. */
  pixels: z.array(z.object({ class: index, name: z.string().nullable(), share: probability })).optional(),
  /** Of a network with one output: its value; null: it is not finite. */
  value: z.number().nullable().optional(),
});

/** The colours of a figure's map. */
const Drawn = z.object({
  colourMap: z.string(),
  /** The values at the ends of the colours, next to 0 at least. */
  low: z.number(),
  high: z.number(),
  /** Values beyond this percentile have the colours of the ends; null: there are none. */
  percentile: z.number().nullable(),
});

const explained = {
  method: z.string(),
  images: z.array(SeenImage).optional(),
  /** The stages that hold NaN or ±∞. */
  nonFinite: names.optional(),
  /** What a reader must know of this method on this network. */
  note: z.string().optional(),
  /** Absent where no map is drawn in the colours of its values. */
  drawn: Drawn.optional(),
};

const attribute = z.object({
  ...explained,
  network: z.string(),
  backend: z.string(),
  /** Paths of the written files. */
  files: names,
});

const attributeSheet = z.object({
  network: z.string(),
  backend: z.string(),
  /** In the order of the sheet. */
  methods: z.array(z.object(explained)),
  /** Paths of the written files. */
  files: names,
});

const check = z.object({
  method: z.string(),
  network: z.string(),
  /** What was explained; null: the method has no target. */
  target: Target.nullable(),
  /** `undecided`: rounding decides, or nothing could be compared. */
  verdict: z.enum(['right', 'wrong', 'undecided']),
  /** The first that differs, or the one with the largest ratio of error to what is allowed. */
  stage: z.string().nullable(),
  e2: distance,
  allowed: z.number().nullable(),
  /** null: right, or nothing that is known gives this answer. */
  cause: LikelyCause.nullable(),
  /** For people, in lines. */
  reason: z.string().nullable(),
});

const compare = z.object({
  engines: z.array(z.string()).length(2),
  /** In order of execution; `null`: one of the engines does not give it. */
  layers: z.array(
    z.object({
      layer: z.string(),
      type: z.string(),
      /** Of one image. */
      shape: z.array(count).readonly(),
      /** Distances e2 of the outputs, and of the target's gradients there. */
      forward: givenDistance,
      gradient: givenDistance,
    }),
  ),
  /** Distance of the gradients at the image. */
  input: givenDistance,
  firstForward: z.string().nullable(),
  firstBackward: z.string().nullable(),
  /** Where rounding alone is why gradients differ: units of each engine on the other side of their switch point. */
  flipped: z.tuple([count, count]).readonly().nullable(),
  /** `ENGINE, METHOD` whose second run gave other bits. */
  unrepeated: names,
  faults,
});

const explain = z.object({
  outcome: Outcome,
  /** Why the case exists. */
  why: z.string(),
  firstDivergingStage: z.string().nullable(),
  stages: z.array(
    z.union([
      z.object({ stage: z.string(), status: z.literal('missing') }),
      z.object({
        stage: z.string(),
        status: z.enum(['agrees', 'differs']),
        e2: distance,
        eMax: distance,
        allowed: z.number(),
        allowedMax: z.number(),
      }),
    ]),
  ),
  /** Of the answer, and of stages next to the golden. */
  images: names,
  /** Shows every stage next to the golden; absent where the port did not answer. */
  page: z.string().optional(),
  faults,
  /** The command that repeats it. */
  replay: z.string(),
});

const gate = z.array(
  z.object({
    benchmark: z.string(),
    backend: z.string(),
    verdict: z.enum(['slower', 'not slower', 'inconclusive', 'not gated']),
    /** Time of head ÷ base, above 1 is slower, with its 95 % interval. */
    ratio: z.number().nullable(),
    low: z.number().nullable(),
    high: z.number().nullable(),
    threshold: z.number().nullable(),
    control: z.number().nullable(),
    clock: z.enum(['processor', 'wall']).nullable(),
    runs: count,
    reason: z.string().nullable(),
  }),
);

const goldenVerify = z.object({
  golden: z.string(),
  findings: z.array(z.object({ where: z.string(), problem: z.string() })),
});

const laws = z.object({
  /** Of the first examples; a counter-example names its own. */
  seed: z.number().int(),
  /** Examples per law that were wanted. */
  runs: count,
  subjects: z.array(
    z.object({
      /** The id of a backend, or the name of a port. */
      name: z.string(),
      device: z.string().nullable(),
      /** Why it was not tested. */
      unavailable: z.string().nullable(),
    }),
  ),
  results: z.array(
    z.object({
      law: z.string(),
      subject: z.string(),
      status: z.enum(['held', 'broken', 'skipped']),
      /** Examples on which the law held. */
      judged: count,
      /** Examples that rounding decides. */
      skipped: count,
      /** Examples that the port did not answer. */
      unanswered: count,
      milliseconds: z.number().nonnegative(),
      /** Why it was skipped. */
      reason: z.string().nullable(),
      counterExample: z
        .object({
          /** `--seed` and `--path` of the same example. */
          seed: z.number().int(),
          path: z.string(),
          difference: z.string(),
          /** The shrunk networks, weights and images, as text. */
          example: z.string(),
          shrinks: count,
          /** The command that repeats it. */
          replay: z.string(),
        })
        .nullable(),
    }),
  ),
  faults,
});

const portCheck = z.object({
  port: z.object({ name: z.string(), version: z.string() }),
  rows: z.array(
    z.object({
      method: z.string(),
      /** `must differ`: the judge was given a wrong answer as the right one, and has to notice. */
      check: z.enum(['identity', 'zero', 'asymmetric', 'square', 'must differ']),
      status: z.enum(['agrees', 'differs', 'unsupported', 'errored']),
      /** Where and by how much it differs, or why it was not answered; null: it agrees. */
      reason: z.string().nullable(),
    }),
  ),
  /** What is wrong with the glue. `certain`: it gives all answers, and these are numbers enough. */
  faults: z.array(z.object({ methods: names, says: z.string(), remedy: z.string(), certain: z.boolean() })),
  /** Methods whose wrong answers no fault of the glue explains. */
  unexplained: names,
  unchecked: z.array(z.object({ method: z.string(), reason: z.string() })),
});

const layers = z.object({
  network: z.string(),
  /** [N,C,H,W] */
  input: z.array(count).readonly(),
  output: z.array(count).readonly(),
  /** What Grad-CAM and its like take where no layer is named; null: the user must name one, `hint` says how. */
  default: z.object({ layer: z.string().nullable(), reason: z.string(), hint: z.string().nullable() }),
  /** In the order of `named_modules`. */
  layers: z.array(
    z.object({
      path: z.string(),
      type: z.string(),
      /** Whether it has no children; null: it is never called. */
      leaf: z.boolean().nullable(),
      calls: count,
      /** Of the output of its last call; null: it is never called. */
      shape: z.array(count).readonly().nullable(),
      /** `map`: [N,K,h,w] of more than one pixel; `tokens`: [N,T,D]; null: neither. */
      form: z.enum(['map', 'tokens']).nullable(),
      /** Whether the target has a gradient there. */
      gradient: z.enum(['all', 'some', 'none']),
      /** The positions of dimension 1 that are read on the way to the target: no others have a gradient. */
      read: z.union([z.literal('all'), z.array(count)]),
      /** Other modules whose functions read its weights, called or not, as attention reads those of its `out_proj`. */
      weightsReadBy: names,
      /** For people. */
      note: z.string().nullable(),
    }),
  ),
});

const list = z.object({
  methods: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      source: z.string(),
      /** `default` is absent for a required parameter. */
      params: z.array(
        z.object({ name: z.string(), default: z.unknown().optional(), description: z.string().nullable() }),
      ),
      fixtures: names,
      cases: count,
    }),
  ),
  networks: z.array(
    z.object({ name: z.string(), why: z.string(), input: z.array(count), classes: count.nullable(), cases: count }),
  ),
  backends: z.array(z.object({ id: z.string(), title: z.string() })),
  cases: z.object({ total: count, quick: count }),
});

/** By the name of its file in docs/schemas. */
export const jsonOutputs = {
  attribute,
  'attribute-sheet': attributeSheet,
  check,
  compare,
  doctor,
  'doctor-probes': doctorProbes,
  explain,
  fuzz,
  'fuzz-corpus': fuzzCorpus,
  'fuzz-methods': fuzzMethods,
  gate,
  'golden-verify': goldenVerify,
  laws,
  layers,
  list,
  'port-check': portCheck,
  report: reportJson,
};

type JsonOutputs = typeof jsonOutputs;
type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T;
export type JsonOutput<K extends keyof JsonOutputs> = DeepReadonly<z.input<JsonOutputs[K]>>;

export function printAs<K extends keyof JsonOutputs>(_output: K, value: JsonOutput<K>): void {
  printJson(value);
}
