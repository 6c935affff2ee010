/** The one way in: plain memory in, plain memory out, nothing left on the engine. */
import type * as tf from '@tensorflow/tfjs-core';
import { parse, TouchstoneError, type GoldenMeta, type HostTensor, type Stages, type Target } from '@touchstone/contract';
import { fromHost, scoped, toHost, type Network } from '@touchstone/network';
import type { Method } from './method.js';
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

/**
 * Runs a method on the current engine; one at a time per engine.
 *
 * @param options.sketch where to probe the layers of the first pass; for diagnosis
 * @throws `bad-params`, `bad-input` with the field and the remedy
 */
export async function explain(
  method: Method,
  { network, x, target, params, fixtures }: Explanation,
  { sketch }: { sketch?: GoldenMeta['sketch'] } = {},
): Promise<{ stages: Stages; sketch?: SketchProbe[] }> {
  const { shape } = network.description.input;
  if (x.shape.length !== 4 || x.shape[1] !== shape[0] || x.shape[0]! < 1) {
    throw new TouchstoneError('bad-input', `x has shape [${x.shape.join(',')}], expected [N,${shape.join(',')}]`, 'Give pictures as [N,C,H,W].');
  }
  const checked = parse(method.params, params, `parameters of ${method.id}`, 'bad-params');
  return scoped(async () => {
    const recorder = sketch && recordSketch(network, sketch);
    try {
      const tensors = await method.run({ network, x: fromHost(x) as tf.Tensor4D, target, params: checked, fixtures });
      const stages: Stages = {};
      for (const [name, tensor] of Object.entries(tensors)) stages[name] = await toHost(tensor);
      return recorder ? { stages, sketch: await recorder.read() } : { stages };
    } finally {
      recorder?.stop();
    }
  });
}
