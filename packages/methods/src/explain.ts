/** The one way in: plain memory in, plain memory out, nothing left on the engine. */
import type * as tf from '@tensorflow/tfjs-core';
import { parse, TouchstoneError, type GoldenMeta, type HostTensor, type Stages, type Target } from '@touchstone/contract';
import { fromHost, scoped, toHost, type Network } from '@touchstone/network';
import { recordKinks, replayKinks, type KinkDifference, type Kinks } from './kinks.js';
import type { Method } from './method.js';
import { checkTarget } from './target.js';
import { recordSketch, type SketchProbe } from './sketch.js';

export interface Explanation {
  readonly network: Network;
  /** The preprocessed pictures, [N,C,H,W]. */
  readonly x: HostTensor;
  readonly target: Target;
  /** Those that differ from the defaults. */
  readonly params: unknown;
  readonly fixtures: Readonly<Record<string, HostTensor>>;
}

export interface ExplainOptions {
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
  { network, x, target, params, fixtures }: Explanation,
  { sketch, kinks }: ExplainOptions = {},
): Promise<Explained> {
  const { shape } = network.description.input;
  if (x.shape.length !== 4 || x.shape[1] !== shape[0] || x.shape[0]! < 1) {
    throw new TouchstoneError('bad-input', `x has shape [${x.shape.join(',')}], expected [N,${shape.join(',')}]`, 'Give pictures as [N,C,H,W].');
  }
  checkTarget(target, x.shape[0]!);
  const checked = parse(method.params, params, `parameters of ${method.id}`, 'bad-params');
  return scoped(async () => {
    const recorder = sketch && recordSketch(network, sketch);
    const recording = kinks && 'record' in kinks ? recordKinks() : undefined;
    const replay = kinks && 'replay' in kinks ? replayKinks(kinks.replay) : undefined;
    try {
      const run = () => method.run({ network, x: fromHost(x) as tf.Tensor4D, target, params: checked, fixtures });
      const tensors = await network.withRules({ ...recording?.rules, ...replay?.rules }, run);
      const stages: Stages = {};
      for (const [name, tensor] of Object.entries(tensors)) stages[name] = await toHost(tensor);
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
