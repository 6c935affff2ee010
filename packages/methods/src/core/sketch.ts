/** Probes of every layer, to name the first that diverges. See docs/formats.md, "Sketches". */
import * as tf from '@tensorflow/tfjs-core';
import type { GoldenMeta, HostTensor } from '@touchstone/contract';
import { toHost, type Network } from '@touchstone/network';

export interface SketchProbe {
  readonly forward: HostTensor;
  /** null where no gradient arrived */
  readonly gradient: HostTensor | null;
}

interface Watched {
  readonly forward: tf.Tensor;
  gradient: tf.Tensor | null;
}

/** `path#call` → the output of one call of a leaf. */
type Pass = Map<string, Watched>;

function forget(pass: Pass): void {
  for (const { forward, gradient } of pass.values()) tf.dispose(gradient ? [forward, gradient] : forward);
}

/**
 * Watches the first pass that records gradients, or the first pass if none does. `read` returns one probe per expected
 * call; `stop` removes the hooks.
 */
export function recordSketch(
  network: Network,
  expected: GoldenMeta['sketch'],
): { read: () => Promise<SketchProbe[]>; stop: () => void } {
  let first: Pass | null = null;
  let seen: Pass = new Map();
  let complete = false;
  const hasGradient = (): boolean => [...seen.values()].some(({ gradient }) => gradient !== null);
  const leaves = network.namedModules().filter(([, module]) => module.isLeaf);
  const handles = leaves.map(([path, module]) =>
    module.registerForwardHook((_module, _inputs, output) => {
      if (complete) return;
      let call = 0;
      while (seen.has(`${path}#${call}`)) call++;
      const watched: Watched = { forward: tf.keep(output.value.clone()), gradient: null };
      seen.set(`${path}#${call}`, watched);
      if (output.requiresGrad) output.registerHook((gradient) => void (watched.gradient = tf.keep(gradient.clone())));
    }),
  );
  const root = network.module('');
  handles.push(
    root.registerForwardPreHook(() => {
      // A pass that stopped at a layer never ends.
      complete ||= hasGradient();
      if (complete) return;
      if (first === null && seen.size > 0) first = seen;
      else forget(seen);
      seen = new Map();
    }),
    root.registerForwardHook((_module, _inputs, output) => void (complete ||= output.requiresGrad)),
  );
  return {
    read: async () => {
      const pass = complete || first === null || hasGradient() ? seen : first;
      const probes: SketchProbe[] = [];
      for (const { module, call, indices } of expected) {
        const probe = pass.get(`${module}#${call}`);
        if (!probe) return probes;
        probes.push({
          forward: await pick(probe.forward, indices),
          gradient: probe.gradient && (await pick(probe.gradient, indices)),
        });
      }
      return probes;
    },
    stop: () => {
      for (const handle of handles) handle.remove();
      for (const pass of [first, seen]) if (pass) forget(pass);
    },
  };
}

/** Values of row 0 at `indices`, counted in NCHW order. */
async function pick(tensor: tf.Tensor, indices: readonly number[]): Promise<HostTensor> {
  const { data } = await toHost(tensor);
  return { shape: [indices.length], data: Float64Array.from(indices, (index) => data[index]!) };
}
