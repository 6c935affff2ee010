/** L20–L24: averages of the gradients of noisy copies. */
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { Random, type HostTensor } from '@touchstone/contract';
import { constant, Variable, type Network } from '@touchstone/network';
import { drawNoise } from '../arbitraries/images.js';
import { anyNetwork, linearNetwork, singleLayer } from '../arbitraries/networks.js';
import { noiseFor, scenes, type Scene } from '../arbitraries/scenes.js';
import { expectEvery } from '../disagreement.js';
import { combine, join, largest, perImage, total } from '../host-arithmetic.js';
import type { Law, Loaded } from '../law.js';
import { forAll } from '../for-all.js';
import type { Trial } from '../trial.js';

const samples = fc.integer({ min: 1, max: 5 });
const fraction = fc.constantFrom(0.125, 0.25, 1);
const averages = ['mean-then-abs', 'abs-then-mean', 'mean-of-squares', 'variance'] as const;
type Average = (typeof averages)[number];

const anyAverage = fc.constantFrom(...averages);

/** Stage `average`. */
async function averaged(
  trial: Trial,
  network: Loaded,
  { x, target }: Scene,
  noise: HostTensor,
  params: { fraction: number; average: Average },
): Promise<HostTensor> {
  const { average } = await trial.explain('smooth-grad', network, {
    x,
    target,
    noise,
    params: { ...params, samples: noise.shape[0]! },
  });
  return average!;
}

/** An average of a gradient that is the same in every sample. */
function expectConstant(trial: Trial, what: string, kind: Average, actual: HostTensor, gradient: HostTensor): void {
  const expected: Record<Average, HostTensor> = {
    'mean-then-abs': gradient,
    'abs-then-mean': combine(Math.abs, gradient),
    'mean-of-squares': combine((value) => value * value, gradient),
    variance: combine(() => 0, gradient),
  };
  const scale = kind === 'variance' ? largest(gradient.data) ** 2 : undefined;
  trial.expectClose(`${what}: ${kind}`, actual, expected[kind], scale);
}

export const smoothGradLaws: readonly Law[] = [
  {
    id: 'L20',
    title: 'no noise: σ = 0, or samples of zeros, give the plain gradient',
    why:
      'a σ that does not scale with the fraction; ' +
      'noise of its own in addition to the given one; a sum for a mean; samples that accumulate',
    property: forAll(
      fc.tuple(scenes(anyNetwork), samples, fraction, anyAverage),
      async (trial, [scene, count, given, kind]) => {
        const network = trial.load(scene.generated);
        const { gradient } = await trial.explain('saliency', network, scene);
        const noise = noiseFor(scene, count);
        const quiet = await averaged(trial, network, scene, noise, { fraction: 0, average: kind });
        expectConstant(trial, 'σ = 0', kind, quiet, gradient!);
        const silence = combine(() => 0, noise);
        const silent = await averaged(trial, network, scene, silence, { fraction: given, average: kind });
        expectConstant(trial, 'noise of zeros', kind, silent, gradient!);
      },
    ),
  },
  {
    id: 'L21',
    title: 'linear network: the gradient at any σ, with variance 0',
    why: 'σ applied to the gradient; a variance that is not taken around the mean',
    property: forAll(
      fc.tuple(scenes(linearNetwork), samples, fraction, anyAverage),
      async (trial, [scene, count, given, kind]) => {
        const network = trial.load(scene.generated);
        const { gradient } = await trial.explain('saliency', network, scene);
        const noise = noiseFor(scene, count);
        const found = await averaged(trial, network, scene, noise, { fraction: given, average: kind });
        expectConstant(trial, 'linear', kind, found, gradient!);
      },
    ),
  },
  {
    id: 'L21b',
    title: 'f = xᵀQx/2: the average is Q·(x + σ·mean ε), with σ = fraction·(max x − min x) of each image',
    why: 'σ not scaled, divided, squared, or of the whole batch; the same noise for all images',
    needs: 'hooks on modules',
    property: forAll(fc.tuple(scenes(singleLayer), samples, fraction), async (trial, [scene, count, given]) => {
      const { x, seed } = scene;
      const size = x.data.length / x.shape[0]!;
      const random = new Random(seed, 'Q');
      const Q = Float64Array.from({ length: size * size }, () => random.integer(-2, 2) / 2);
      for (let i = 0; i < size; i++) for (let j = 0; j < i; j++) Q[i * size + j] = Q[j * size + i]!;
      const network = trial.load(scene.generated);
      endInQuadratic(trial.modulesOf(network), Q, size);
      const noise = noiseFor(scene, count);
      const { average, sigma } = await trial.explain('smooth-grad', network, {
        x,
        target: { class: 0 },
        noise,
        params: { fraction: given, samples: count },
      });
      const range = perImage(x, (values) => given * (Math.max(...values) - Math.min(...values)));
      trial.expectClose('sigma', sigma!, range);
      const at = Float64Array.from(x.data, (value, i) => {
        const mean = total(Array.from({ length: count }, (_, k) => noise.data[k * x.data.length + i]!)) / count;
        return value + range.data[Math.floor(i / size)]! * mean;
      });
      const expected = Float64Array.from(at, (_, i) =>
        total(Array.from({ length: size }, (_, j) => Q[(i % size) * size + j]! * at[i - (i % size) + j]!)),
      );
      trial.expectClose(
        'average',
        average!,
        { shape: x.shape, data: expected },
        (largest(x.data) + largest(range.data) * largest(noise.data)) * largest(Q) * Math.sqrt(size),
      );
    }),
  },
  {
    id: 'L22',
    title: '|mean g| ≤ mean |g| ≤ √mean g², and mean g² = (mean g)² + variance',
    why:
      'mean |g| for |mean g|; the variance of a sample for that of a population; ' +
      'a standard deviation for a variance',
    property: forAll(fc.tuple(scenes(anyNetwork), samples, fraction), async (trial, [scene, count, given]) => {
      const network = trial.load(scene.generated);
      const noise = noiseFor(scene, count);
      const of = (average: Average) => averaged(trial, network, scene, noise, { fraction: given, average });
      const [mean, absolute] = [await of('mean-then-abs'), await of('abs-then-mean')];
      const [squares, variance] = [await of('mean-of-squares'), await of('variance')];
      const slack = trial.tolerance * largest(absolute.data);
      expectEvery(
        'mean |g| − |mean g|',
        combine((m, a) => a - Math.abs(m), mean, absolute),
        (value) => value >= -slack,
      );
      expectEvery(
        'mean g² − (mean |g|)²',
        combine((a, s) => s - a * a, absolute, squares),
        (value) => value >= -slack * largest(absolute.data),
      );
      trial.expectClose(
        '(mean g)² + variance',
        combine((m, v) => m * m + v, mean, variance),
        squares,
      );
    }),
  },
  {
    id: 'L23',
    title: 'the average over two sets of noise is their weighted mean',
    why:
      'a running average that forgets; chunks that all have the same weight whatever their size; ' +
      'gradients kept between calls',
    property: forAll(
      fc.tuple(
        scenes(anyNetwork),
        samples,
        samples,
        fraction,
        fc.constantFrom('mean-then-abs', 'abs-then-mean', 'mean-of-squares'),
      ),
      async (trial, [scene, first, second, given, average]) => {
        const network = trial.load(scene.generated);
        const [a, b] = [
          noiseFor(scene, first),
          drawNoise(scene.seed + 1, second, scene.x.shape, scene.generated.numbers),
        ];
        const of = (noise: HostTensor) => averaged(trial, network, scene, noise, { fraction: given, average });
        const [ofA, ofB, ofBoth] = [await of(a), await of(b), await of(join([a, b]))];
        const expected = combine((p, q) => (first * p + second * q) / (first + second), ofA, ofB);
        trial.expectClose(average, ofBoth, expected, largest(ofA.data) + largest(ofB.data));
      },
    ),
  },
  {
    id: 'L24',
    title:
      'own noise: f = xᵀx/2 gives back σ = fraction·(max x − min x) of each image as the deviation of its gradients',
    why: 'noise of another variance; σ of the whole batch, or of another image; a variance for a standard deviation',
    needs: 'hooks on modules',
    property: forAll(fc.tuple(scenes(singleLayer), fraction), async (trial, [{ generated, x, seed }, given]) => {
      const size = x.data.length / x.shape[0]!;
      const network = trial.load(generated);
      endInQuadratic(
        trial.modulesOf(network),
        Float64Array.from({ length: size * size }, (_, i) => Number(i % (size + 1) === 0)),
        size,
      );
      const count = 64;
      const params = { samples: count, fraction: given, average: 'variance', seed: seed % 1000 };
      const { average } = await trial.explain('smooth-grad', network, { x, target: { class: 0 }, params });
      const sigma = perImage(x, (values) => given * (Math.max(...values) - Math.min(...values)));
      const found = perImage(average!, (values) => Math.sqrt((total(values) / size) * (count / (count - 1))));
      // 6 standard errors of a deviation from so many numbers: by chance, once in 10⁸ images.
      const slack = 6 / Math.sqrt(2 * size * (count - 1));
      expectEvery(
        'deviation ÷ σ − 1',
        combine((a, b) => (b === 0 ? a : a / b - 1), found, sigma),
        (value) => Math.abs(value) <= slack + trial.tolerance * (1 + largest(x.data)),
      );
    }),
  },
];

/** Replaces the network's output by xᵀQx/2, [N,1], of its flattened image. */
function endInQuadratic(network: Network, Q: Float64Array, size: number): void {
  let flat: Variable | null = null;
  network.module('flatten').registerForwardHook((_module, _inputs, output) => void (flat = output));
  network.module('').registerForwardHook(() => {
    const matrix = constant(Q, [size, size]) as tf.Tensor2D;
    const product = tf.matMul(flat!.value as tf.Tensor2D, matrix);
    const value = tf.mul(constant([0.5], []), tf.sum(tf.mul(flat!.value, product), 1, true));
    return Variable.result('quadratic', value, [flat!], (R) => [tf.mul(R, product)]);
  });
}
