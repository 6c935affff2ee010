import type * as tf from '@tensorflow/tfjs-core';
import { TouchstoneError } from '@touchstone/contract';
import { Variable, type Network, type RemovableHandle } from '@touchstone/network';
import { z } from 'zod';
import { declaresNothing, type Method } from '../core/method.js';

const Params = z.strictObject({
  layers: z.array(z.string()).min(1).nullable().default(null).describe('module paths; null: every leaf'),
});
type Params = z.infer<typeof Params>;

/** The steps of the method; a mutant replaces one. */
export interface ActivationsSteps {
  /** What is read when the layer returns. */
  readonly read: (output: tf.Tensor, input: tf.Tensor) => tf.Tensor;
}

const formula: ActivationsSteps = { read: (output) => output };

export function activationsFrom(changed: Partial<ActivationsSteps>): Method<Params> {
  const { read } = { ...formula, ...changed };
  return {
    id: 'activations',
    title: 'Feature maps: what the named layers return for one image',
    source: 'Fleuret, course notes (forward hooks); layers are keyed by module path',
    without: ['target'],
    parallelOver: 'images',
    image: 'maps',
    params: Params,
    fixtures: [],
    stages: {
      logits: '[N,classes]',
      'path …': 'one per call of a named layer; `path#2` is the second call of a layer',
      attribution: 'the last of these',
    },
    declares: { ...declaresNothing, perImage: true },
    run: async ({ network, x, params }) => {
      const paths = params.layers ?? network.namedModules().flatMap(([path, module]) => (module.isLeaf ? [path] : []));
      const { output, calls } = outputsOf(network, x, paths, read);
      const silent = params.layers?.find((path) => !calls.has(path));
      if (silent !== undefined)
        throw new TouchstoneError(
          'bad-params',
          `layer "${silent}" is never called`,
          'Name layers that the network executes.',
        );
      return { logits: output, ...Object.fromEntries(calls), attribution: [...calls.values()].at(-1)! };
    },
  };
}

export const activations = activationsFrom({});

/** The network's output, and `path` or `path#number` → what is read at one call, in the order of the calls. */
function outputsOf(
  network: Network,
  x: tf.Tensor4D,
  paths: readonly string[],
  read: ActivationsSteps['read'],
): { output: tf.Tensor; calls: Map<string, tf.Tensor> } {
  const calls = new Map<string, tf.Tensor>();
  const handles: RemovableHandle[] = [];
  try {
    for (const path of paths) {
      let count = 0;
      const capture = network.module(path).registerForwardHook((_module, [input], output) => {
        count++;
        calls.set(count === 1 ? path : `${path}#${count}`, read(output.value, input!.value));
      });
      handles.push(capture);
    }
    return { output: network.call(Variable.leaf(x)).value, calls };
  } finally {
    for (const handle of handles) handle.remove();
  }
}
