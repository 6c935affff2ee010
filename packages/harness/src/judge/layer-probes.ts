/** Where the layers of a network are probed that has no golden, and how far two of its runs are apart there. */
import { valuesIn, type GoldenMeta, type HostTensor, type NetworkDescription, type Stages } from '@touchstone/contract';
import { shapesOf } from '@touchstone/network';
import type { SketchProbes } from '@touchstone/session';

export type Layers = GoldenMeta['sketch'];

/** As goldens store them. */
const maxProbes = 64;

/** Every call of a layer in the order of execution, probed at row 0. Its norms are not known. */
export function layersOf(description: NetworkDescription, input: readonly number[]): Layers {
  const calls = new Map<string, number>();
  return (shapesOf(description, input)?.leaves ?? []).map(({ path, shape: [, ...shape] }) => {
    const call = calls.get(path) ?? 0;
    calls.set(path, call + 1);
    const size = valuesIn(shape);
    const count = Math.min(size, maxProbes);
    const indices = Array.from({ length: count }, (_, i) => Math.floor((i * size) / count));
    return { module: path, call, shape, indices, forward: 0, gradient: 0 };
  });
}

/** The norms of the rows, estimated from the probes. */
export function withNorms(layers: Layers, probes: readonly SketchProbes[]): Layers {
  return layers.slice(0, probes.length).map(({ module, call, shape, indices }, i) => {
    const scale = Math.sqrt(valuesIn(shape) / indices.length);
    const { forward, gradient } = probes[i]!;
    return {
      module,
      call,
      shape,
      indices,
      forward: scale * Math.hypot(...forward.data),
      gradient: gradient && scale * Math.hypot(...gradient.data),
    };
  });
}

/** The name of a layer's output among the stages of `activations`. */
export function stageOf({ module, call }: Layers[number]): string {
  return call === 0 ? module : `${module}#${call + 1}`;
}

/** The probes of an answer whose stages are the outputs of layers; null: it is missing or has another shape. */
export function probesIn(stages: Stages, layers: Layers): (HostTensor | null)[] {
  return layers.map((layer) => {
    const stage = stages[stageOf(layer)];
    if (stage === undefined || stage.shape.slice(1).join() !== layer.shape.join()) return null;
    return { shape: [layer.indices.length], data: Float64Array.from(layer.indices, (index) => stage.data[index]!) };
  });
}
