/** L8, L14: the order of the values in memory, and images that are shifted or mirrored. */
import fc from 'fast-check';
import { permute, type HostTensor } from '@touchstone/contract';
import { clone, constant, grad, scoped, Variable, type Network } from '@touchstone/network';
import type { GeneratedNetwork } from '../arbitraries/build-network.js';
import { anyNetwork, mirrorNetwork, pointwiseNetwork } from '../arbitraries/networks.js';
import { scenes, weightsFor } from '../arbitraries/scenes.js';
import { declarationsOf, declaring, requestFor } from '../declared.js';
import { forAll } from '../for-all.js';
import { largest } from '../host-arithmetic.js';
import { mirrored, shifted } from '../image-arithmetic.js';
import type { Law } from '../law.js';
import { expectSameMaps } from '../same-maps.js';

const mapped = fc.constantFrom(...declaring(({ reluRule, normalisedMap }) => reluRule !== undefined || normalisedMap));
const offset = fc.tuple(fc.integer({ min: -3, max: 3 }), fc.integer({ min: -3, max: 3 }));

export const symmetryLaws: readonly Law[] = [
  {
    id: 'L8',
    title: 'layout: the gradient of NHWC data is the transposed gradient of the NCHW data',
    why: 'data of one layout read as the other; channels last in an answer; a flatten order that is not NCHW',
    needs: 'tensors in NHWC',
    property: forAll(scenes(anyNetwork), async (trial, scene) => {
      const network = trial.load(scene.generated);
      const weights = weightsFor(scene, 1);
      const { gradient } = await trial.explain('saliency', network, { x: scene.x, target: { weights } });
      const last = await gradientOfNhwc(trial.modulesOf(network), permute(scene.x, [0, 2, 3, 1]), weights);
      trial.expectClose('gradient', gradient!, permute(last, [0, 3, 1, 2]));
    }),
  },
  {
    id: 'L14',
    title: 'mirrored: image and kernels give the mirrored explanation; shifted with wrap-around: so do 1×1 kernels',
    why: 'a grid that favours one side; padding on the wrong side; rows or columns out of order; width for height',
    property: forAll(
      fc.tuple(
        fc.oneof(
          fc.tuple(fc.constant('mirrored' as const), scenes(mirrorNetwork, { maxImages: 1 })),
          fc.tuple(fc.constant('shifted' as const), scenes(pointwiseNetwork, { maxImages: 1 })),
        ),
        mapped,
        offset,
      ),
      async (trial, [[how, scene], id, by]) => {
        const move = (tensor: HostTensor): HostTensor => (how === 'mirrored' ? mirrored(tensor) : shifted(tensor, by));
        const { noise: _noise, ...request } = requestFor(scene, id);
        const generated = how === 'mirrored' ? withMirroredKernels(scene.generated) : scene.generated;
        const here = await trial.explain(id, trial.load(scene.generated), request);
        const there = await trial.explain(id, trial.load(generated), { ...request, x: move(request.x) });
        if (!declarationsOf(id).normalisedMap)
          return trial.expectClose(
            `${id}, ${how}: attribution`,
            there['attribution']!,
            move(here['attribution']!),
            largest([...here['attribution']!.data, ...there['attribution']!.data]),
          );
        const { activations, gradient, map, attribution } = here;
        const expected = { map: move(map!), attribution: move(attribution!) };
        expectSameMaps(trial, `${id}, ${how}`, there, { activations: activations!, gradient: gradient!, ...expected });
      },
    ),
  },
];

/** @param x [N,H,W,C]; its gradient has this order too */
function gradientOfNhwc(network: Network, x: HostTensor, weights: readonly number[]): Promise<HostTensor> {
  return scoped(async () => {
    const input = Variable.leaf(constant(x.data, x.shape), { requiresGrad: true });
    const output = network.call(clone(input)); // a leaf cannot be changed in place
    const n = x.shape[0]!;
    const seed = constant(Array.from({ length: n }, () => weights).flat(), [n, weights.length]);
    const [gradient] = grad(output, seed, [input]);
    return { shape: x.shape, data: (await gradient!.data<'float32'>()).slice() };
  });
}

/** Left and right exchanged in every kernel and in all padding. */
function withMirroredKernels(generated: GeneratedNetwork): GeneratedNetwork {
  const modules = { ...generated.description.modules };
  const weights = { ...generated.weights };
  for (const [path, module] of Object.entries(modules)) {
    if (!('attributes' in module)) continue;
    if (module.type === 'Conv2d') weights[`${path}.weight`] = mirrored(weights[`${path}.weight`]!);
    if (module.type !== 'ZeroPad2d') continue;
    const [left, right, top, bottom] = module.attributes['padding'] as readonly number[];
    modules[path] = { ...module, attributes: { padding: [right, left, top, bottom] } };
  }
  return { ...generated, weights, description: { ...generated.description, modules } };
}
