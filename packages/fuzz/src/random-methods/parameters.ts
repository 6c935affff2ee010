/** Random values for the parameters of methods with one pass. */
import { TouchstoneError } from '@touchstone/contract';
import { methods, parametersOf, type Method } from '@touchstone/methods';
import fc from 'fast-check';

/** What a method may name in a network. */
export interface Places {
  /** Leaf modules whose output may be a map. */
  readonly maps: readonly string[];
  /** Of these maps the averages are what the last Linear receives. */
  readonly pooled: readonly string[];
  /** Conv2d and Linear. */
  readonly weighted: readonly string[];
}

/** A number stands for one of the network's places. */
export interface DrawnParameters {
  readonly layer: number | null;
  readonly layers: readonly number[] | null;
  readonly values: Readonly<Record<string, unknown>>;
}

/** Not those with steps. Hook programs have their own fuzzer. */
export const onePassMethods: readonly Method[] = methods.filter(
  ({ id, iterated = false }) => !iterated && id !== 'hooks',
);

const place = fc.nat({ max: 99 });
export const drawnParameters: fc.Arbitrary<DrawnParameters> = fc.record({
  layer: fc.option(place),
  layers: fc.option(fc.array(place, { minLength: 1, maxLength: 3 })),
  values: fc.record({
    reduce: fc.constantFrom('abs-max', 'abs-sum', 'none'),
    display: fc.boolean(),
    samples: fc.integer({ min: 1, max: 4 }),
    fraction: fc.constantFrom(0.25, 0, 1, 0.15),
    average: fc.constantFrom('mean-then-abs', 'abs-then-mean', 'mean-of-squares', 'variance'),
    batch: fc.oneof(fc.constant('auto'), fc.integer({ min: 1, max: 4 })),
    relu: fc.boolean(),
    raster: fc.integer({ min: 2, max: 9 }),
  }),
});

/**
 * Parameters that keep their defaults: the noise is stored, the last Linear is the head, and the networks have maps, no
 * tokens.
 */
const left = new Set(['seed', 'linear', 'tokens', 'channelsLast']);

/** @throws TouchstoneError `internal` for a parameter that is not drawn */
export function parametersFor(
  method: Method,
  { layer, layers, values }: DrawnParameters,
  { maps, pooled, weighted }: Places,
): Record<string, unknown> {
  const averagePooled = method.declares.networks === 'average-pooled';
  const candidates = method.id === 'parameters' ? weighted : averagePooled ? pooled : maps;
  const pathOf = (drawn: number): string => candidates[drawn % candidates.length]!;
  const all: Record<string, unknown> = {
    ...values,
    layer: layer === null ? null : pathOf(layer),
    layers: layers && [...new Set(layers.map(pathOf))],
  };
  const wanted = parametersOf(method).filter(({ name }) => !left.has(name));
  for (const { name } of wanted)
    if (!(name in all)) throw new TouchstoneError('internal', `${method.id}: the parameter "${name}" is not drawn`);
  return Object.fromEntries(wanted.map(({ name }) => [name, all[name]]));
}
