/** L9–L13, T1: the gradient of a target. */
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { Random, type HostTensor } from '@touchstone/contract';
import { constant, Variable, type Network } from '@touchstone/network';
import type { GeneratedNetwork } from '../arbitraries/build-network.js';
import {
  anyNetwork,
  functionNetwork,
  homogeneousNetwork,
  linearNetwork,
  singleLayer,
} from '../arbitraries/networks.js';
import { scenes, weightsFor } from '../arbitraries/scenes.js';
import { withVisibleSwitches } from '../switch-modules.js';
import { declarationsOf, requestFor, withMethod } from '../declared.js';
import { combine, dot, join, largest, perImage, pick, total } from '../host-arithmetic.js';
import type { Law } from '../law.js';
import { sidesOf } from '../linear-piece.js';
import { poolWindows } from '../pool-windows.js';
import { forAll } from '../for-all.js';
import { slopeOf, slopePoints } from '../slope.js';
import { watchSwitches, type SwitchCall } from '../watch-switches.js';
import { expectEvery } from '../disagreement.js';

/** f of each image, [N]: the logits weighted by the target. */
const valueOf = (logits: HostTensor, weights: readonly number[]): HostTensor =>
  perImage(logits, (row) => total(row.map((value: number, c: number) => value * weights[c]!)));

/** PyTorch's derivative of hard sigmoid is ⅙ in float32, whatever the precision. */
const inFloat32 = 2 ** -20;
/** Steps along a line: rounding matters less for the first, and f is smooth more often for the second. */
const slopeSteps = { float32: [2 ** -4, 2 ** -6], float64: [2 ** -6, 2 ** -12] };

export const gradientLaws: readonly Law[] = [
  {
    id: 'L9',
    title: 'adjoint: ⟨u, f(x + v) − f(x)⟩ = ⟨v, ∂⟨u, f⟩/∂x⟩ for every v that stays on one linear piece, and every u',
    why: 'a gradient of a wrong size or sign; a layer without gradient; a clipped or masked backward pass',
    property: forAll(scenes(anyNetwork, { maxImages: 1 }), async (trial, scene) => {
      const { generated, x } = scene;
      const random = new Random(scene.seed, 'direction');
      const direction = combine(() => random.integer(-4, 4) / 4, x);
      const here = await sidesOf(trial, generated, x);
      for (const length of [1, 2 ** -3, 2 ** -6]) {
        const moved = combine((value, by) => value + length * by, x, direction);
        if ((await sidesOf(trial, generated, moved)) !== here) continue;
        const weights = weightsFor(scene, 1);
        const network = trial.load(generated);
        const before = await trial.explain('saliency', network, { x, target: { weights } });
        const after = await trial.explain('saliency', network, { x: moved, target: { weights } });
        const rise = combine(
          (a, b) => (a - b) / length,
          valueOf(after['logits']!, weights),
          valueOf(before['logits']!, weights),
        );
        const products = combine((g, by) => Math.abs(g * by), before['gradient']!, direction);
        const size = largest(before['logits']!.data) * weights.length * (1 + largest(weights));
        trial.expectClose(
          'rise along v',
          dot(before['gradient']!, direction),
          rise,
          size / length + total(products.data),
        );
        return;
      }
      fc.pre(false);
    }),
  },
  {
    id: 'L9b',
    title: 'networks with functions: ⟨v, ∂f/∂x⟩ is the slope of f along v, where f is smooth',
    why: 'a function without gradient, or with one of a wrong size, sign or place',
    property: forAll(scenes(functionNetwork, { maxImages: 1, irregular: true }), async (trial, scene) => {
      const { generated, x } = scene;
      const random = new Random(scene.seed, 'direction');
      const direction = combine(() => random.integer(-4, 4) / 4, x);
      const weights = weightsFor(scene, 1);
      const network = trial.load(generated);
      for (const step of slopeSteps[trial.subject.precision]) {
        const line = slopePoints.map((point) => combine((value, by) => value + point * step * by, x, direction));
        const { gradient, logits } = await trial.explain('saliency', network, { x: join(line), target: { weights } });
        const here = pick(gradient!, [slopePoints.indexOf(0)]);
        const products = total(combine((g, by) => Math.abs(g * by), here, direction).data);
        const { slope, error } = slopeOf(valueOf(logits!, weights).data, step);
        if (error > Math.max(products, Math.abs(slope)) / 16) continue;
        const size = largest(logits!.data) * weights.length * (1 + largest(weights));
        trial.expectClose(
          'slope along v',
          dot(here, direction),
          { shape: [1], data: Float64Array.of(slope) },
          size / step + products + (error + inFloat32 * products) / trial.tolerance,
        );
        return;
      }
      fc.pre(false);
    }),
  },
  {
    id: 'L10',
    title: 'one linear layer: the gradient is the weight row',
    why: 'a softmax target, gradient times input, a flatten order that is not NCHW',
    property: forAll(scenes(singleLayer), async (trial, { generated, x, classes, seed }) => {
      const c = seed % classes;
      const { gradient } = await trial.explain('saliency', trial.load(generated), { x, target: { class: c } });
      const row = pick(
        generated.weights['fc.weight']!,
        x.data.length === 0 ? [] : Array.from({ length: x.shape[0]! }, () => c),
      );
      trial.expectClose('gradient and weight row', gradient!, { shape: x.shape, data: row.data });
    }),
  },
  {
    id: 'L10b',
    title: 'linear network: grad·x + f(0) = f(x), and the gradient is the same everywhere',
    why: 'wrong padding, stride, dilation, grouping or averaging in a backward rule',
    property: forAll(scenes(linearNetwork), async (trial, scene) => {
      const { generated, x } = scene;
      const weights = weightsFor(scene, 1);
      const target = { weights };
      const network = trial.load(generated);
      const here = await trial.explain('saliency', network, { x, target });
      const zero = await trial.explain('saliency', network, { x: combine(() => 0, x), target });
      trial.expectClose('gradient at x and at 0', here['gradient']!, zero['gradient']!);
      const products = perImage(
        combine((a, b) => Math.abs(a * b), here['gradient']!, x),
        total,
      );
      const left = combine((a, b) => a + b, dot(here['gradient']!, x), valueOf(zero['logits']!, weights));
      const scale = largest(products.data) + largest(zero['logits']!.data) + largest(here['logits']!.data);
      trial.expectClose(
        'grad·x + f(0) and f(x)',
        left,
        valueOf(here['logits']!, weights),
        scale * (1 + largest(weights)),
      );
    }),
  },
  {
    id: 'L11',
    title: 'gradients are linear in the target; a one-hot target and the class index give the same bits',
    why: 'squared targets, a target or a gradient that is normalised, a class index read as something else',
    property: forAll(
      withMethod(({ linearInTarget }) => linearInTarget.length > 0),
      async (trial, [scene, id]) => {
        const { classes, seed } = scene;
        const { params = {}, ...request } = requestFor(scene, id);
        const network = trial.load(scene.generated);
        const of = (target: { class: number } | { weights: number[] }) =>
          trial.explain(id, network, { ...request, target, params });
        const [a, b] = [weightsFor(scene, 1), weightsFor(scene, 2)];
        const [ofA, ofB] = [await of({ weights: a }), await of({ weights: b })];
        const ofSum = await of({ weights: a.map((value, c) => 2 * value - 0.5 * b[c]!) });
        const c = seed % classes;
        const oneHot = await of({ weights: a.map((_, other) => Number(other === c)) });
        const byClass = await of({ class: c });
        for (const stage of declarationsOf(id).linearInTarget) {
          const [ga, gb] = [ofA[stage]!, ofB[stage]!];
          trial.expectClose(
            `${stage} of 2a − b/2`,
            ofSum[stage]!,
            combine((p, q) => 2 * p - 0.5 * q, ga, gb),
            2 * largest(ga.data) + largest(gb.data),
          );
          trial.expectRepeated(
            'one-hot target and class index',
            { [stage]: byClass[stage]! },
            { [stage]: oneHot[stage]! },
          );
        }
      },
    ),
  },
  {
    id: 'L12',
    title: 'no biases, only ReLU and max pooling: Σ x·∂f/∂x = f(x), and grad(s·x) = grad(x) for s > 0',
    why: 'a window without gradient (maximum ≤ 0, ceil mode, overlapping), a gradient that is counted twice',
    property: forAll(
      fc.tuple(scenes(homogeneousNetwork), fc.constantFrom(0.125, 0.5, 4)),
      async (trial, [scene, s]) => {
        const { generated, x } = scene;
        const weights = weightsFor(scene, 1);
        const network = trial.load(generated);
        const { gradient, logits } = await trial.explain('saliency', network, { x, target: { weights } });
        const scaled = await trial.explain('saliency', network, {
          x: combine((value) => s * value, x),
          target: { weights },
        });
        const scale =
          largest(
            perImage(
              combine((a, b) => Math.abs(a * b), gradient!, x),
              total,
            ).data,
          ) +
          largest(logits!.data) * (1 + largest(weights));
        trial.expectClose('Σ x·∂f/∂x and f(x)', dot(gradient!, x), valueOf(logits!, weights), scale);
        trial.expectClose('gradient at s·x', scaled['gradient']!, gradient!);
      },
    ),
  },
  {
    id: 'L13',
    title: 'softmax: ∇p_c = p_c(∇f_c − Σ p_j ∇f_j), and a constant added to all logits changes nothing',
    why: 'the gradient of a probability returned for that of a logit; a cross-entropy gradient',
    needs: 'hooks on modules',
    property: forAll(scenes(anyNetwork), async (trial, { generated, x, classes, seed }) => {
      const c = seed % classes;
      const network = trial.load(generated);
      const rows: HostTensor[] = [];
      for (let j = 0; j < classes; j++)
        rows.push((await trial.explain('saliency', network, { x, target: { class: j } }))['gradient']!);
      const { logits } = await trial.explain('saliency', network, { x, target: { class: c } });
      const p = perRow(logits!, softmax);
      const size = x.data.length / x.shape[0]!;
      const expected = combine((value) => value, rows[c]!);
      for (const i of expected.data.keys()) {
        const at = Math.floor(i / size) * classes;
        const mean = total(rows.map(({ data }, j) => p.data[at + j]! * data[i]!));
        expected.data[i] = p.data[at + c]! * (rows[c]!.data[i]! - mean);
      }
      const scale = largest(rows.flatMap(({ data }) => largest(data)));
      const shifted: GeneratedNetwork = {
        ...generated,
        weights: { ...generated.weights, 'fc.bias': combine((value) => value + 2, generated.weights['fc.bias']!) },
      };
      for (const [what, given] of [
        ['∇p', generated],
        ['∇p with 2 added to all logits', shifted],
      ] as const) {
        const withSoftmax = trial.load(given);
        const { logits: own } = await trial.explain('saliency', withSoftmax, { x, target: { class: c } });
        endInSoftmax(trial.modulesOf(withSoftmax), perRow(own!, softmax));
        const { gradient } = await trial.explain('saliency', withSoftmax, { x, target: { class: c } });
        trial.expectClose(what, gradient!, expected, scale);
      }
    }),
  },
  {
    id: 'T1',
    title: 'max pooling: the whole gradient of a window goes to its first maximum in row-major order',
    why: 'ties that go to the last maximum; dropped windows: partial ones, or those whose maximum is ≤ 0',
    needs: 'hooks on modules',
    property: forAll(scenes(anyNetwork), async (trial, { generated, x, target }) => {
      const network = trial.load({ ...generated, description: withVisibleSwitches(generated.description) });
      const calls = watchSwitches(trial.modulesOf(network), trial.keep);
      await trial.explain('saliency', network, { x, target });
      for (const call of await calls()) if (call.module.kind === 'pool') expectFirstMaximum(call, trial.tolerance);
    }),
  },
];

function expectFirstMaximum({ path, module, shape, x, R, gradient }: SwitchCall, tolerance: number): void {
  if (module.kind !== 'pool') return;
  const expected = new Float64Array(x.length);
  for (const [window, covered] of poolWindows(module.attributes, shape).entries()) {
    const first = covered.reduce((best, index) => (x[index]! > x[best]! ? index : best));
    expected[first]! += R![window]!;
  }
  const allowed = tolerance * largest(R!) * module.attributes.kernelSize[0] * module.attributes.kernelSize[1];
  expectEvery(
    `gradient that "${path}" returns, NHWC`,
    { shape, data: gradient! },
    (value, i) => Math.abs(value - expected[i]!) <= allowed,
  );
}

/** Replaces the network's output by p, the softmax of its logits. */
function endInSoftmax(network: Network, p: HostTensor): void {
  network.module('').registerForwardHook((_module, _inputs, output) => {
    const value = constant(p.data, p.shape);
    return Variable.result('softmax', value, [output], (R) => [
      tf.mul(value, tf.sub(R, tf.sum(tf.mul(R, value), 1, true))),
    ]);
  });
}

function softmax(row: readonly number[]): number[] {
  const max = Math.max(...row);
  const powers = row.map((value) => Math.exp(value - max));
  return powers.map((power) => power / total(powers));
}

function perRow({ shape, data }: HostTensor, f: (row: readonly number[]) => number[]): HostTensor {
  const size = shape[1]!;
  return {
    shape,
    data: Float64Array.from(
      Array.from({ length: shape[0]! }, (_, i) => f([...data.subarray(i * size, (i + 1) * size)])).flat(),
    ),
  };
}
