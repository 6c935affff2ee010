/** Selects the methods of a law by what they declare: a law holds for a new method without naming it. */
import fc from 'fast-check';
import { methods, parametersOf, type Declarations, type Method } from '@touchstone/methods';
import { anyNetwork, gapNetwork } from './arbitraries/networks.js';
import { noiseFor, scenes, type Scene } from './arbitraries/scenes.js';
import type { Request } from './law.js';

/** The layer before the head of a `gapNetwork`. */
export const layerBeforePooling = 'maps';

/** Ids of the methods whose declarations satisfy `holds`. @throws Error if there is none: the law would be empty */
export function declaring(holds: (declares: Declarations, method: Method) => boolean): string[] {
  const ids = methods.filter((method) => holds(method.declares, method)).map(({ id }) => id);
  if (ids.length === 0) throw new Error('no method declares what this law is about');
  return ids;
}

export const declarationsOf = (id: string): Declarations => methods.find((method) => method.id === id)!.declares;

/** A method, and a scene with a network that it can explain. */
export function withMethod(
  holds: (declares: Declarations, method: Method) => boolean,
  options?: { minImages?: number },
): fc.Arbitrary<[Scene, string]> {
  const [any, pooled] = [
    methods.filter(({ declares }) => declares.networks === 'any'),
    methods.filter(({ declares }) => declares.networks === 'average-pooled'),
  ].map((group) => group.filter((method) => holds(method.declares, method)).map(({ id }) => id)) as [
    string[],
    string[],
  ];
  const choices = [
    { weight: 6, arbitrary: fc.tuple(scenes(anyNetwork, options), fc.constantFrom(...any)) },
    ...(pooled.length === 0
      ? []
      : [{ weight: 1, arbitrary: fc.tuple(scenes(gapNetwork, options), fc.constantFrom(...pooled)) }]),
  ];
  return fc.oneof(...choices) as fc.Arbitrary<[Scene, string]>;
}

export const takes = (method: Method, name: string): boolean =>
  parametersOf(method).some((known) => known.name === name);

export const isSeeded = (id: string): boolean =>
  takes(
    methods.find((method) => method.id === id)!,
    'seed',
  );

/** A quick request with the inputs that the method takes: layer, class, start, jitter and noise. */
export function requestFor(scene: Scene, id: string): Request {
  const method = methods.find((known) => known.id === id)!;
  const { brief, networks, targets } = method.declares;
  const { x, classes, seed } = scene;
  const layer = networks === 'average-pooled' ? layerBeforePooling : scene.layer;
  const params = { ...brief, ...(takes(method, 'layer') && { layer }) };
  const target =
    targets === 'class' ? { class: Array.from({ length: x.shape[0]! }, (_, i) => (seed + i) % classes) } : scene.target;
  const stored = {
    start: x,
    jitter: { shape: [2, 2], data: Float32Array.of(1, -2, 0, 2) },
    noise: noiseFor(scene, Number(brief['samples'] ?? 1)),
  };
  const { noise, ...rest } = stored;
  const fixtures = Object.fromEntries(Object.entries(rest).filter(([name]) => method.fixtures.includes(name)));
  return { x, target, params, noise, fixtures };
}
