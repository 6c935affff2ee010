import type * as tf from '@tensorflow/tfjs-core';
import { TouchstoneError } from '@touchstone/contract';
import { Variable, type RemovableHandle } from '@touchstone/network';
import { z } from 'zod';
import type { Method } from '../core/method.js';

export const activations: Method<{ layers: string[] | null }> = {
  id: 'activations',
  title: 'Activations: what the named layers give for one picture',
  source: 'Fleuret, course notes (forward hooks); layers are keyed by module path',
  without: ['target'],
  parallelOver: 'images',
  image: 'maps',
  params: z.strictObject({
    layers: z.array(z.string()).min(1).nullable().default(null).describe('module paths; null: every leaf'),
  }),
  fixtures: [],
  run: async ({ network, x, params }) => {
    const paths = params.layers ?? network.namedModules().flatMap(([path, module]) => (module.isLeaf ? [path] : []));
    const calls: [string, tf.Tensor][] = [];
    const handles: RemovableHandle[] = [];
    try {
      for (const path of paths) {
        let count = 0;
        const capture = network.module(path).registerForwardHook((_module, _inputs, output) => {
          count++;
          calls.push([count === 1 ? path : `${path}#${count}`, output.value]);
        });
        handles.push(capture);
      }
      const output = network.call(Variable.leaf(x));
      const silent = params.layers?.find((path) => !calls.some(([name]) => name === path));
      if (silent !== undefined)
        throw new TouchstoneError(
          'bad-params',
          `layer "${silent}" is never called`,
          'Name layers that the network executes.',
        );
      return { logits: output.value, ...Object.fromEntries(calls), attribution: calls.at(-1)![1] };
    } finally {
      for (const handle of handles) handle.remove();
    }
  },
};
