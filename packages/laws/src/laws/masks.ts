/** L16–L19: what each ReLU passes on in the backward pass. */
import fc from 'fast-check';
import { Random, type NetworkDescription } from '@touchstone/contract';
import { fromHost } from '@touchstone/network';
import * as tf from '@tensorflow/tfjs-core';
import {
  anyNetwork,
  linearNetwork,
  nonNegativeNetwork,
  oneReluNetwork,
  reluFirstNetwork,
} from '../arbitraries/networks.js';
import { scenes, weightsFor, type Scene } from '../arbitraries/scenes.js';
import { withVisibleSwitches } from '../switch-modules.js';
import { declarationsOf, declaring } from '../declared.js';
import { Disagreement, expectEvery } from '../disagreement.js';
import { combine, largest } from '../host-arithmetic.js';
import type { Values } from '../later.js';
import type { Law } from '../law.js';
import { forAll } from '../for-all.js';
import type { Trial } from '../trial.js';
import { watchSwitches } from '../watch-switches.js';

/** What a ReLU returns of the gradient R, where its input is in its open range or not. */
const rules = {
  plain: (R: number, open: boolean) => (open ? R : 0),
  deconv: (R: number) => Math.max(R, 0),
  guided: (R: number, open: boolean) => (open ? Math.max(R, 0) : 0),
};
const anyRule = fc.constantFrom(...declaring(({ reluRule }) => reluRule !== undefined));
const replaced = declaring(({ reluRule }) => reluRule === 'deconv' || reluRule === 'guided');
const guidedMethods = fc.constantFrom(...declaring(({ reluRule }) => reluRule === 'guided'));

export const maskLaws: readonly Law[] = [
  {
    id: 'L16',
    title: 'each ReLU returns R·1{x>0} (plain), R·1{R>0} (deconv), both (guided), bit for bit',
    why:
      'deconv and guided exchanged; a functional ReLU or ReLU6 that is not replaced; ' +
      'a mask by another value; one layer left out',
    needs: 'hooks on modules',
    property: forAll(fc.tuple(scenes(anyNetwork), anyRule), async (trial, [{ generated, x, target }, id]) => {
      const network = trial.load({ ...generated, description: withVisibleSwitches(generated.description) });
      const calls = watchSwitches(trial.modulesOf(network), trial.keep);
      await trial.explain(id, network, { x, target });
      for (const { path, module, shape, x: input, R, gradient } of await calls()) {
        if (module.kind !== 'relu') continue;
        if (!R || !gradient) throw new Disagreement(`no gradient passed "${path}"`);
        const rule = rules[declarationsOf(id).reluRule!];
        expectEvery(
          `gradient that "${path}" returns under ${id}, NHWC`,
          { shape, data: gradient },
          (value, i) => value === rule(R[i]!, input[i]! > 0 && input[i]! < module.ceiling),
        );
      }
    }),
  },
  {
    id: 'L16b',
    title: 'guided = deconv masked by 1{x>0}; a mask applied twice is the mask applied once',
    why: 'a rule that changes the values it passes on',
    needs: 'rule of a ReLU apart from its methods',
    property: forAll(scenes(anyNetwork, { maxImages: 2 }), async (trial, { x, seed }) => {
      const { plain, deconv, guided } = trial.subject.inside!.relu;
      const random = new Random(seed, 'R');
      const gradient = combine(() => random.integer(-4, 4) / 4, x);
      // A rule applied to R, where x is the ReLU's input.
      const valuesOf = async (run: (R: tf.Tensor, derivative: tf.Tensor) => tf.Tensor): Promise<Values> => {
        const result = tf.tidy(() => run(fromHost(gradient), tf.step(fromHost(x))));
        try {
          return await result.data<'float32'>();
        } finally {
          result.dispose();
        }
      };
      const expectEqual = (what: string, actual: Values, expected: Values) =>
        expectEvery(what, { shape: [actual.length], data: actual }, (value, i) => value === expected[i]);
      expectEqual(
        'guided and masked deconv',
        await valuesOf(guided),
        await valuesOf((R, derivative) => plain(deconv(R, derivative), derivative)),
      );
      for (const [name, rule] of Object.entries({ plain, deconv, guided })) {
        expectEqual(
          `${name} applied twice and once`,
          await valuesOf((R, derivative) => rule(rule(R, derivative), derivative)),
          await valuesOf(rule),
        );
      }
    }),
  },
  {
    id: 'L17',
    title: 'no ReLU: plain, deconv and guided are equal',
    why: 'a clamp that does not belong to a ReLU: at pools, sums or the image',
    property: forAll(scenes(linearNetwork), async (trial, { generated, x, target }) => {
      const network = trial.load(generated);
      const plain = await trial.explain('saliency', network, { x, target });
      for (const id of replaced) {
        const { gradient } = await trial.explain(id, network, { x, target });
        trial.expectRepeated(`${id} and the plain gradient`, { gradient: gradient! }, { gradient: plain['gradient']! });
      }
    }),
  },
  {
    id: 'L17b',
    title: 'no negative weight: guided = plain, and ≥ 0',
    why: 'a mask that is applied where the gradient is positive and the unit is on',
    property: forAll(fc.tuple(scenes(nonNegativeNetwork), guidedMethods), async (trial, [scene, id]) => {
      const { generated, x, classes, seed } = scene;
      const network = trial.load(generated);
      const target = { class: seed % classes };
      const plain = await trial.explain('saliency', network, { x, target });
      const guided = await trial.explain(id, network, { x, target });
      trial.expectRepeated(
        'guided and the plain gradient',
        { gradient: guided['gradient']! },
        { gradient: plain['gradient']! },
      );
      expectEvery('guided gradient', guided['gradient']!, (value) => value >= 0);
    }),
  },
  {
    id: 'L18',
    title: 'one layer of ReLUs below non-negative weights: guided = plain',
    why: 'a guided mask by the sign of a value other than the gradient',
    property: forAll(fc.tuple(scenes(oneReluNetwork), guidedMethods), async (trial, [scene, id]) => {
      const { generated, x, classes, seed } = scene;
      const network = trial.load(generated);
      const target = { class: seed % classes };
      const plain = await trial.explain('saliency', network, { x, target });
      const guided = await trial.explain(id, network, { x, target });
      trial.expectRepeated(
        'guided and the plain gradient',
        { gradient: guided['gradient']! },
        { gradient: plain['gradient']! },
      );
    }),
  },
  {
    id: 'L18b',
    title:
      'guided scales with the target for s > 0 and is not additive: ' +
      'at a ReLU on the image, guided(t) + guided(−t) = |plain(t)|',
    why: 'guided masks taken once and kept; guided as a product of two finished maps',
    property: forAll(
      fc.tuple(scenes(anyNetwork), scenes(reluFirstNetwork), guidedMethods),
      async (trial, [scene, simple, id]) => {
        const weights = weightsFor(scene, 1);
        const network = trial.load(scene.generated);
        const guided = async (factor: number) =>
          (
            await trial.explain(id, network, {
              x: scene.x,
              target: { weights: weights.map((value) => factor * value) },
            })
          )['gradient']!;
        trial.expectClose(
          'guided of 4·t',
          await guided(4),
          combine((value) => 4 * value, await guided(1)),
        );

        const target = weightsFor(simple, 2);
        const small = trial.load(simple.generated);
        const of = async (method: string, sign: 1 | -1) =>
          (
            await trial.explain(method, small, {
              x: simple.x,
              target: { weights: target.map((value) => sign * value) },
            })
          )['gradient']!;
        const sum = combine((a, b) => a + b, await of(id, 1), await of(id, -1));
        trial.expectClose('guided(t) + guided(−t)', sum, combine(Math.abs, await of('saliency', 1)));
      },
    ),
  },
  {
    id: 'L19',
    title: 'guided: the gradient at each ReLU’s input is ≥ 0; at relu(x) + x the total is clip(R) + R',
    why:
      'a clamp on the summed gradient at a skip connection, as Captum has it; ' +
      'a mask on the tensor instead of the call',
    property: forAll(
      fc.tuple(scenes(anyNetwork), scenes(reluFirstNetwork), guidedMethods),
      async (trial, [scene, simple, id]) => {
        if (trial.subject.inside !== null) await expectClipped(trial, id, scene);

        const skip = skipOver(simple.generated.description);
        const c = simple.seed % simple.classes;
        const { gradient } = await trial.explain(id, trial.load({ ...simple.generated, description: skip }), {
          x: simple.x,
          target: { class: c },
        });
        const row = simple.generated.weights['fc.weight']!.data.subarray(
          c * (simple.x.data.length / simple.x.shape[0]!),
        );
        const size = simple.x.data.length / simple.x.shape[0]!;
        const expected = simple.x.data.map(
          (value: number, i: number) => (value > 0 ? Math.max(row[i % size]!, 0) : 0) + row[i % size]!,
        );
        trial.expectClose(
          'guided at relu(x) + x',
          gradient!,
          { shape: simple.x.shape, data: expected },
          2 * largest(row),
        );
      },
    ),
  },
];

/** No ReLU returns a negative gradient. A port's single layers are not visible: there the skip law alone counts. */
async function expectClipped(trial: Trial, id: string, { generated, x, target }: Scene): Promise<void> {
  const network = trial.load({ ...generated, description: withVisibleSwitches(generated.description) });
  const calls = watchSwitches(trial.modulesOf(network), trial.keep);
  await trial.explain(id, network, { x, target });
  for (const { path, module, shape, gradient } of await calls())
    if (module.kind === 'relu')
      expectEvery(`gradient at the input of "${path}"`, { shape, data: gradient! }, (value) => value >= 0);
}

/** A network that starts with `relu(x)`, changed to start with `relu(x) + x`. */
function skipOver(description: NetworkDescription): NetworkDescription {
  const root = description.modules['']!;
  if (!('calls' in root)) return description;
  const [, next, ...rest] = root.calls;
  const calls = [
    { name: 'rectified', op: 'relu', args: ['x'], attributes: { inplace: false } },
    { name: 'sum', op: 'add', args: ['rectified', 'x'], attributes: {} },
    { ...next!, args: ['sum'] },
    ...rest,
  ];
  return { ...description, modules: { ...description.modules, '': { ...root, calls } } };
}
