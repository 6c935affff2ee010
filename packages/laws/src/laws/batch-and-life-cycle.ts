/** L2, L4–L7: hooks that only read change nothing, images do not affect each other, and a call leaves no state. */
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import type { HostTensor, Stages, Target } from '@touchstone/contract';
import { scoped, toHost, type Network } from '@touchstone/network';
import { anyNetwork, functionNetwork } from '../arbitraries/networks.js';
import { declaring, isSeeded, requestFor, withMethod } from '../declared.js';
import { noiseFor, scenes, type Scene } from '../arbitraries/scenes.js';
import { Disagreement, expectSameBits } from '../disagreement.js';
import { pick, pickAlong } from '../host-arithmetic.js';
import type { Law, Loaded, Request } from '../law.js';
import { forAll } from '../for-all.js';
import type { Trial } from '../trial.js';

const perImage = ({ perImage: declared }: { perImage: boolean }): boolean => declared;

/** The request for the images at `indices` alone. */
function picked(request: Request, indices: readonly number[]): Request {
  const { x, noise, target, fixtures } = request;
  return {
    ...request,
    x: pick(x, indices),
    noise: pickAlong(1, noise!, indices),
    target: pickedTarget(target, indices),
    fixtures: { ...fixtures, ...(fixtures?.['start'] && { start: pick(fixtures['start'], indices) }) },
  };
}

function pickedTarget(target: Target, indices: readonly number[]): Target {
  if (!('class' in target) || !Array.isArray(target.class)) return target;
  const classes = target.class;
  return { class: indices.map((i) => classes[i]!) };
}

export const batchAndLifeCycleLaws: readonly Law[] = [
  {
    id: 'L2',
    title: 'hooks that only read leave every bit unchanged: on every module, forward and backward',
    why:
      'layers that are computed differently where no hook reads them, such as folded into their neighbours; ' +
      'a hook that replaces a gradient',
    needs: 'hooks on modules',
    property: forAll(
      fc.tuple(
        withMethod(({ reluRule, linearInTarget }) => reluRule !== undefined || linearInTarget.length > 0),
        fc.boolean(),
      ),
      async (trial, [[scene, id], all]) => {
        const network = trial.load(scene.generated);
        const request = requestFor(scene, id);
        const alone = await trial.explain(id, network, request);
        const modules = trial
          .modulesOf(network)
          .namedModules()
          .flatMap(([path, module]) => (all || path === scene.layer ? [module] : []));
        let seen = 0;
        const count = (): void => void seen++;
        // Not full backward hooks: PyTorch refuses them where an in-place ReLU follows.
        const handles = modules.flatMap((module) => [
          module.registerForwardPreHook(count),
          module.registerForwardHook((_module, _inputs, output) => {
            count();
            if (output.requiresGrad) output.registerHook(count);
          }),
        ]);
        trial.expectRepeated(`${id}, watched`, await trial.explain(id, network, request), alone);
        if (seen < 2 * modules.length)
          throw new Disagreement(`${modules.length} modules were watched, and ${seen} calls were seen`);
        for (const handle of handles) handle.remove();
        trial.expectRepeated(`${id}, after the hooks are removed`, await trial.explain(id, network, request), alone);
      },
    ),
  },
  {
    id: 'L4',
    title: 'a batch is its images: E([x1..xn]) = [E(x1)..E(xn)], in any order, also with one image twice',
    why:
      'the maximum, range, argmax or statistics of the batch for those of the image; ' +
      'the same noise for all; a swapped axis',
    property: forAll(withMethod(perImage, { minImages: 2 }), async (trial, [scene, id]) => {
      const reversed = Array.from({ length: scene.x.shape[0]! }, (_, i) => i).toReversed();
      await expectImagesAlone(trial, scene, id, [...reversed, 0]);
    }),
  },
  {
    id: 'L4b',
    title: 'networks with functions: a batch is its images',
    why:
      'a normalisation, softmax or attention over the batch; a dimension counted as if there were no batch; ' +
      'statistics of the batch for those of the image',
    property: forAll(
      fc.tuple(
        scenes(functionNetwork, { minImages: 2, maxImages: 2, irregular: true }),
        fc.constantFrom(
          ...declaring(
            // The rules of deconvolution and guided backpropagation need a ReLU; samples take long.
            ({ perImage: alone, linearInTarget, networks, reluRule = 'plain', brief }) =>
              alone && linearInTarget.length > 0 && networks === 'any' && reluRule === 'plain' && !('samples' in brief),
          ),
        ),
      ),
      // No batch of three: on GPUs each size compiles its own shaders.
      (trial, [scene, id]) => expectImagesAlone(trial, scene, id, [1, 0]),
    ),
  },
  {
    id: 'L5',
    title:
      'after success or failure: same weights, gradient registry, number of tensors; the second call equals the first',
    why:
      'a hook or a rule that is not removed; a tensor that leaks; weights changed in place; ' +
      'gradients kept between calls',
    needs: 'count of tensors, weights or gradient registry',
    property: forAll(
      fc.tuple(withMethod(perImage), fc.constantFrom('nothing', 'target', 'noise', 'forward', 'backward')),
      async (trial, [[scene, id], fault]) => {
        const network = trial.load(scene.generated);
        const request = requestFor(scene, id);
        const before = await stateOf(trial.modulesOf(network), scene);
        const first = await trial.explain(id, network, request);
        await callWithFault(trial, network, scene, id, fault);
        await expectSameState(before, await stateOf(trial.modulesOf(network), scene));
        trial.expectRepeated(
          `${id} again, after ${fault === 'nothing' ? 'success' : `a fault in ${fault}`}`,
          await trial.explain(id, network, request),
          first,
        );
        const { x, target } = scene;
        const plain = await trial.explain('saliency', network, { x, target });
        trial.expectRepeated(
          `saliency after ${id}`,
          plain,
          await trial.explain('saliency', trial.load(scene.generated), { x, target }),
        );
      },
    ),
  },
  {
    id: 'L6',
    title: 'the same seed gives the same bits, on every deterministic backend',
    why: 'noise that does not come from the seed; sums whose order depends on what ran before',
    property: forAll(withMethod(perImage), async (trial, [scene, id]) => {
      const { noise, fixtures, ...request } = requestFor(scene, id);
      // A port is given what a case stores.
      const stored = trial.subject.inside === null ? { ...(noise && { noise }), ...(fixtures && { fixtures }) } : {};
      const params = isSeeded(id) ? { ...request.params, seed: scene.seed % 1000 } : request.params;
      const explain = (network: Loaded) =>
        trial.explain(id, network, { ...request, ...stored, ...(params ? { params } : {}) });
      const network = trial.load(scene.generated);
      const first = await explain(network);
      trial.expectRepeated(`${id} again`, await explain(network), first);
      trial.expectRepeated(`${id} on the network loaded again`, await explain(trial.load(scene.generated)), first);
    }),
  },
  {
    id: 'L7',
    title: 'the size of SmoothGrad’s batches changes nothing',
    why: 'chunks that all have the same weight whatever their size; a variance within chunks; noise in another order',
    property: forAll(
      fc.tuple(
        scenes(anyNetwork),
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 2, max: 6 }),
        fc.constantFrom('mean-then-abs', 'abs-then-mean', 'mean-of-squares', 'variance'),
      ),
      async (trial, [scene, count, batch, average]) => {
        const network = trial.load(scene.generated);
        const of = (size: number | 'auto') =>
          trial.explain('smooth-grad', network, {
            ...requestFor(scene, 'smooth-grad'),
            noise: noiseFor(scene, count),
            params: { samples: count, fraction: 0.25, average, batch: size },
          });
        const one = await of(1);
        trial.expectStagesClose(`${average}: batches of ${batch} and of 1`, await of(batch), one);
        trial.expectStagesClose(`${average}: automatic batches and batches of 1`, await of('auto'), one);
      },
    ),
  },
];

/** @param order of a second batch */
async function expectImagesAlone(trial: Trial, scene: Scene, id: string, order: readonly number[]): Promise<void> {
  const network = trial.load(scene.generated);
  const request = requestFor(scene, id);
  const whole = await trial.explain(id, network, request);
  const select = (indices: readonly number[]): Stages =>
    Object.fromEntries(Object.entries(whole).map(([stage, tensor]) => [stage, pick(tensor, indices)]));
  for (let i = 0; i < scene.x.shape[0]!; i++)
    trial.expectStagesClose(
      `${id}: image ${i} alone`,
      await trial.explain(id, network, picked(request, [i])),
      select([i]),
    );
  trial.expectStagesClose(
    `${id}: images ${order.join(', ')}`,
    await trial.explain(id, network, picked(request, order)),
    select(order),
  );
}

interface State {
  readonly tensors: number;
  readonly weights: Readonly<Record<string, HostTensor>>;
  readonly gradients: readonly unknown[];
}

/** Weights first: a convolution's weight is uploaded when it is first read. */
async function stateOf(network: Network, { generated }: Scene): Promise<State> {
  const weights: Record<string, HostTensor> = {};
  for (const name of Object.keys(generated.weights))
    weights[name] = await scoped(() => toHost(network.parameter(name).value));
  const kernels = ['Relu', 'Relu6', 'MaxPool', 'Conv2D', 'Add', 'Max'];
  return { tensors: tf.memory().numTensors, weights, gradients: kernels.map((kernel) => tf.getGradient(kernel)) };
}

async function expectSameState(before: State, after: State): Promise<void> {
  if (after.tensors !== before.tensors)
    throw new Disagreement(`${after.tensors - before.tensors} tensors are left on the engine`);
  if (after.gradients.some((gradient, i) => gradient !== before.gradients[i]))
    throw new Disagreement('the gradient registry of TF.js has changed');
  for (const [name, weight] of Object.entries(before.weights))
    expectSameBits(`weight ${name}`, after.weights[name]!, weight);
}

class Fault extends Error {}

/** A call that fails at `fault`, if it gets there. */
async function callWithFault(trial: Trial, network: Loaded, scene: Scene, id: string, fault: string): Promise<void> {
  const request = requestFor(scene, id);
  const module = trial.modulesOf(network).module(scene.layer);
  const handle =
    fault === 'forward'
      ? module.registerForwardHook(() => fail())
      : fault === 'backward'
        ? module.registerForwardHook(
            (_module, _inputs, output) => void (output.requiresGrad && output.registerHook(() => fail())),
          )
        : null;
  const faulty: Request = {
    ...request,
    ...(fault === 'target' ? { target: { class: 99 } } : {}),
    ...(fault === 'noise' ? { noise: pick(request.noise!, [0]) } : {}),
  };
  try {
    await trial.explain(id, network, faulty);
  } catch (error) {
    if (fault === 'nothing' || !(error instanceof Fault || (error as { code?: string }).code?.startsWith('bad-')))
      throw error;
  } finally {
    handle?.remove();
  }
}

function fail(): never {
  throw new Fault('a hook that throws');
}
