/** Probes of every layer, to name the first that diverges. See docs/formats.md, "Sketches". */
import * as tf from '@tensorflow/tfjs-core';
import type { GoldenMeta, HostTensor } from '@touchstone/contract';
import { toHost, type Network } from '@touchstone/network';

export interface SketchProbe {
  readonly forward: HostTensor;
  /** null where no gradient arrived */
  readonly gradient: HostTensor | null;
}

/** Watches the first pass over the network. `read` gives one probe per expected call; `stop` takes the hooks away. */
export function recordSketch(network: Network, expected: GoldenMeta['sketch']): { read: () => Promise<SketchProbe[]>; stop: () => void } {
  const seen = new Map<string, { forward: tf.Tensor; gradient: tf.Tensor | null }>();
  const calls = new Map<string, number>();
  let first = true;
  const handles = network.namedModules().flatMap(([path, module]) => {
    if (!module.isLeaf) return [];
    return [
      module.registerForwardHook((_module, _inputs, output) => {
        if (!first) return;
        const call = calls.get(path) ?? 0;
        calls.set(path, call + 1);
        const probe: { forward: tf.Tensor; gradient: tf.Tensor | null } = { forward: tf.keep(output.value.clone()), gradient: null };
        seen.set(`${path}#${call}`, probe);
        if (output.requiresGrad) output.registerHook((gradient) => void (probe.gradient = tf.keep(gradient.clone())));
      }),
    ];
  });
  handles.push(network.module('').registerForwardHook(() => void (first = false)));
  return {
    read: async () => {
      const probes: SketchProbe[] = [];
      for (const { module, call, indices } of expected) {
        const probe = seen.get(`${module}#${call}`);
        if (!probe) return probes;
        probes.push({ forward: await pick(probe.forward, indices), gradient: probe.gradient && (await pick(probe.gradient, indices)) });
      }
      return probes;
    },
    stop: () => {
      for (const handle of handles) handle.remove();
      for (const { forward, gradient } of seen.values()) tf.dispose(gradient ? [forward, gradient] : forward);
    },
  };
}

/** Values of row 0 at `indices`, counted in NCHW order. */
async function pick(tensor: tf.Tensor, indices: readonly number[]): Promise<HostTensor> {
  const { data } = await toHost(tensor);
  return { shape: [indices.length], data: Float64Array.from(indices, (index) => data[index]!) };
}
