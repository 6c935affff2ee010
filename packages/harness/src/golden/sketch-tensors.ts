/** The sketch of a golden, as its file stores it. */
import type { GoldenMeta, HostTensor, Stages } from '@touchstone/contract';
import type { SketchProbes } from '@touchstone/session';

type Rows = GoldenMeta['sketch'];

/** `sketch/forward` has the values of all rows in their order, `sketch/gradient` of those that have a gradient. */
export function sketchTensors(sketch: readonly SketchProbes[]): Stages {
  const gradients = sketch.flatMap(({ gradient }) => gradient ?? []);
  return {
    ...(sketch.length > 0 && { 'sketch/forward': joined(sketch.map(({ forward }) => forward)) }),
    ...(gradients.length > 0 && { 'sketch/gradient': joined(gradients) }),
  };
}

/**
 * The probes of each row.
 *
 * @param get a tensor of the golden by its name
 * @param fail throws what it is told
 */
export function sketchOf(
  rows: Rows,
  tensors: Stages,
  get: (name: string) => HostTensor,
  fail: (message: string) => never,
): SketchProbes[] {
  // Older goldens have one or two tensors for each row.
  if (tensors['sketch/0/forward'] !== undefined)
    return rows.map(({ gradient }, row) => ({
      forward: get(`sketch/${row}/forward`),
      gradient: gradient === null ? null : get(`sketch/${row}/gradient`),
    }));
  const split = (name: string, of: Rows): HostTensor[] => {
    if (of.length === 0) return [];
    const { data } = get(name);
    let end = 0;
    const parts = of.map(({ indices: { length } }) => ({ shape: [length], data: data.slice(end, (end += length)) }));
    return end === data.length ? parts : fail(`tensor "${name}" has ${data.length} values, its rows have ${end}`);
  };
  const forward = split('sketch/forward', rows);
  const withGradient = rows.filter(({ gradient }) => gradient !== null);
  const gradients = new Map(split('sketch/gradient', withGradient).map((part, i) => [withGradient[i]!, part]));
  return rows.map((row, i) => ({ forward: forward[i]!, gradient: gradients.get(row) ?? null }));
}

function joined(probes: readonly HostTensor[]): HostTensor {
  const values = probes.flatMap(({ data }) => Array.from(data));
  return { shape: [values.length], data: Float64Array.from(values) };
}
