/** The one way in: plain memory in, plain memory out, nothing left on the engine. */
import type * as tf from '@tensorflow/tfjs-core';
import {
  parse,
  TouchstoneError,
  type GoldenMeta,
  type HostTensor,
  type Stages,
  type Target,
} from '@touchstone/contract';
import { fromHost, scoped, toHost, type Network } from '@touchstone/network';
import { recordKinks, replayKinks, type KinkDifference, type Kinks } from './switch-points.js';
import type { Postcondition, RunControl, Method, MethodJob } from './method.js';
import { checkTarget } from './target.js';
import { recordSketch, type SketchProbe } from './sketch.js';
import { splitImages } from './split-images.js';
import { checkPool, type WorkerPool } from './worker-pool.js';

export interface Explanation {
  readonly network: Network;
  /** The preprocessed pictures, [N,C,H,W]. */
  readonly x: HostTensor;
  readonly target: Target;
  /** Those that differ from the defaults. */
  readonly params: unknown;
  readonly fixtures: Readonly<Record<string, HostTensor>>;
  /** For whoever watches an iterated method. */
  readonly control?: RunControl;
  /** Engines with the same network, to share the work with where the method can. Their answers have the same bits. */
  readonly pool?: WorkerPool;
  /** The backend's: what the activations of one pass may take, in bytes. Decides how many samples share a pass, never the answer. */
  readonly passBytes?: number;
}

export interface ExplainOptions {
  /** The stages that are wanted; left out: all. */
  readonly stages?: readonly string[] | undefined;
  /** Where to probe the layers of the first pass; for diagnosis. */
  readonly sketch?: GoldenMeta['sketch'];
  /** Records what decided at the kinks, or forces what was recorded elsewhere; for arbitration. Not for methods with a pooling rule of their own. */
  readonly kinks?: { readonly record: true } | { readonly replay: Kinks };
}

export interface Explained {
  readonly stages: Stages;
  readonly sketch?: SketchProbe[];
  /** Where they were to be recorded. */
  readonly kinks?: Kinks;
  /** Where they were replayed. */
  readonly difference?: KinkDifference;
}

/**
 * Runs a method on the current engine; one at a time per engine.
 *
 * @throws `bad-params`, `bad-input` with the field and the remedy
 */
export async function explain(
  method: Method,
  explanation: Explanation,
  { stages: wanted, sketch, kinks }: ExplainOptions = {},
): Promise<Explained> {
  const { network, x, pool } = explanation;
  const params = checked(method, explanation);
  const looksInside = sketch !== undefined || kinks !== undefined;
  if (pool && !looksInside && method.parallelOver === 'images' && x.shape[0]! > 1)
    return { stages: await splitImages(pool, method, params, x, explanation.target, wanted) };
  return scoped(async () => {
    const recorder = sketch && recordSketch(network, sketch);
    const recording = kinks && 'record' in kinks ? recordKinks() : undefined;
    const replay = kinks && 'replay' in kinks ? replayKinks(kinks.replay) : undefined;
    try {
      const job = jobOf(looksInside ? alone(explanation) : explanation, params);
      const run = () => method.run(job);
      const tensors = await network.withRules({ ...recording?.rules, ...replay?.rules }, run);
      const stages: Stages = {};
      for (const [name, tensor] of Object.entries(tensors))
        if (wanted?.includes(name) ?? true) stages[name] = await toHost(tensor);
      return {
        stages,
        ...(recorder && { sketch: await recorder.read() }),
        ...(recording && { kinks: await recording.read() }),
        ...(replay && { difference: await replay.read() }),
      };
    } finally {
      recorder?.stop();
      recording?.stop();
      replay?.stop();
    }
  });
}

/**
 * What holds of an answer of the method, by its own claims, on the current engine; one at a time per engine.
 *
 * @param stages the answer, NCHW, untrusted
 * @param golden what the golden stores of its claimed stages
 * @throws `bad-params`, `bad-input`; `internal` where the method claims nothing
 */
export async function checkPostconditions(
  method: Method,
  explanation: Explanation,
  stages: Stages,
  golden: Stages,
): Promise<Postcondition[]> {
  const params = checked(method, explanation);
  if (method.claims === undefined)
    throw new TouchstoneError('internal', `${method.id} has claimed stages, but no claims`);
  return scoped(async () => method.claims!({ ...jobOf(explanation, params), stages, golden }));
}

/** What is recorded or forced belongs to this engine, and to the steps that are compared. */
function alone({ network, x, target, params, fixtures }: Explanation): Explanation {
  return { network, x, target, params, fixtures, control: { comparedOnly: true } };
}

/** The parameters, defaults included. */
function checked(method: Method, explanation: Explanation): unknown {
  const { network, x, target, params } = explanation;
  checkPool(explanation.pool, network.description);
  const { shape } = network.description.input;
  if (x.shape.length !== 4 || x.shape[1] !== shape[0] || x.shape[0]! < 1) {
    throw new TouchstoneError(
      'bad-input',
      `x has shape [${x.shape.join(',')}], expected [N,${shape.join(',')}]`,
      'Give pictures as [N,C,H,W].',
    );
  }
  checkTarget(target, x.shape[0]!);
  return parse(method.params, params, `parameters of ${method.id}`, 'bad-params');
}

function jobOf({ x, ...given }: Explanation, params: unknown): MethodJob<unknown> {
  return { ...given, x: fromHost(x) as tf.Tensor4D, params };
}
