import type { GoldenMeta, HostTensor, Stages, Tier } from '@touchstone/contract';
import type { SketchProbes } from '@touchstone/session';
import type { Golden } from '../golden/golden-file.js';
import { compareEach } from './compare-stages.js';
import { stageOf } from './layer-probes.js';

/** Allowed distance of probes, relative to the layer: large, because this names a place and never decides. */
export const tolerated = 1e-4;

/**
 * The first layer that differs: activations in the order of execution, then gradients from the outputs backwards; null:
 * none does.
 */
export function firstDivergingLayer(golden: Golden, probes: readonly SketchProbes[]): string | null {
  const layers = golden.meta.sketch;
  if (probes.length !== layers.length) return `${probes.length} calls of layers, PyTorch makes ${layers.length}`;
  for (const [index, layer] of layers.entries()) {
    if (differs(golden.sketch[index]!.forward, probes[index]!.forward, layer.forward, layer))
      return `${nameOf(layer)}, its output`;
  }
  for (const [index, layer] of [...layers.entries()].reverse()) {
    const [expected, got] = [golden.sketch[index]!.gradient, probes[index]!.gradient];
    if (layer.gradient === null || expected === null) continue;
    if (got === null) return `${nameOf(layer)}: no gradient arrives at its output`;
    if (differs(expected, got, layer.gradient, layer))
      return `${nameOf(layer)}, the gradient at its output (its output agrees)`;
  }
  return null;
}

/**
 * The first layer that differs, of a port whose answer has stages that are the outputs of layers, in the order of
 * execution; null: none does, or there are none.
 */
export function firstDivergingMap(golden: Golden, answer: Stages, tier: Tier): string | null {
  const compared = new Map(compareEach(golden, answer, tier).map(({ stage, judgement }) => [stage, judgement]));
  for (const layer of golden.meta.sketch) {
    const check = compared.get(stageOf(layer))?.check ?? null;
    if (check !== null) return `${nameOf(layer)}, its output`;
  }
  return null;
}

/** Whether probes differ, relative to their own norm or to what it would be if the layer's norm were spread evenly. */
function differs(
  expected: HostTensor,
  got: HostTensor,
  layerNorm: number,
  { shape }: GoldenMeta['sketch'][number],
): boolean {
  if (expected.data.length !== got.data.length) return true;
  const size = shape.reduce((product, length) => product * length, 1);
  const even = layerNorm * Math.sqrt(expected.data.length / Math.max(size, 1));
  let [distance, norm] = [0, 0];
  for (const [i, value] of expected.data.entries()) {
    distance += (got.data[i]! - value) ** 2;
    norm += value ** 2;
  }
  return !(Math.sqrt(distance) <= tolerated * Math.max(Math.sqrt(norm), even));
}

function nameOf({ module, call }: GoldenMeta['sketch'][number]): string {
  return call === 0 ? `"${module}"` : `"${module}" (call ${call + 1})`;
}
