/** L37, L34e: probabilities of neighbours in the space of the activations, and the descent in the plane. */
import fc from 'fast-check';
import { Random, type HostTensor, type Stages } from '@touchstone/contract';
import { singleLayer } from '../arbitraries/networks.js';
import { scenes, type Scene } from '../arbitraries/scenes.js';
import { expectClose, expectEvery, expectSameBits } from '../disagreement.js';
import { combine, largest, perImage, total } from '../host-arithmetic.js';
import type { Law } from '../law.js';
import { forAll } from '../for-all.js';
import type { Trial } from '../trial.js';

/** Points in the space of an image's values, which the network passes on unchanged. */
const clouds = fc
  .record({
    scene: scenes(singleLayer, { maxImages: 1 }),
    points: fc.integer({ min: 12, max: 16 }),
    perplexity: fc.constantFrom(2.5, 3.5, 4.5, 5.5, 6.5),
    spread: fc.constantFrom(0.25, 0.5, 1),
  })
  .filter(hasBandwidths);
interface Cloud {
  readonly scene: Scene;
  readonly points: number;
  readonly perplexity: number;
  readonly spread: number;
}

/**
 * The search for a bandwidth ends when the entropy is as near as this; see scikit-learn's
 * `_binary_search_perplexity`.
 */
const entropySlack = 2e-5;
/** Allowed difference of two such searches, relative to the largest probability. */
const searchSlack = 2e-3;
/** Error of a central difference. */
const differenceSlack = 1e-8;

export const tsneLaws: readonly Law[] = [
  {
    id: 'L37',
    title:
      't-SNE: rows of P sum to 1, are Gaussian in the distance, and have the requested perplexity; ' +
      'joined, P is symmetric and sums to 1',
    why:
      'perplexity in nats for bits; the distance for its square; no symmetrisation; ' +
      'a point that is its own neighbour',
    property: forAll(clouds, async (trial, cloud) => {
      const x = cloudOf(cloud);
      const { conditional, joint } = (await probabilities(trial, cloud, x)) as {
        conditional: HostTensor;
        joint: HostTensor;
      };
      const n = cloud.points;
      trial.expectClose('sums of rows', perImage(conditional, total), constantly(1, n));
      for (let i = 0; i < n; i++)
        expectNeighbours(
          trial,
          i,
          conditional.data.subarray(i * n, (i + 1) * n),
          distancesFrom(x, i),
          cloud.perplexity,
        );
      expectSameBits('joint P and its transpose', transposed(joint), joint);
      trial.expectClose(
        'joint P',
        joint,
        combine((a, b) => (a + b) / (2 * n), conditional, transposed(conditional)),
      );
      expectEvery(
        'P of a point and itself',
        { shape: [n], data: joint.data.filter((_, at) => at % (n + 1) === 0) },
        (value) => value === 0,
      );
    }),
  },
  {
    id: 'L37b',
    title: 't-SNE: P does not change when all points are moved, rotated or scaled',
    why: 'a bandwidth that is fixed; angles, or products, for distances; a distance with a scale of its own',
    property: forAll(
      fc.tuple(clouds, fc.constantFrom(0.25, 0.75), fc.integer({ min: -2, max: 2 })),
      async (trial, [cloud, factor, shift]) => {
        const x = cloudOf(cloud);
        const [before, after] = [
          await probabilities(trial, cloud, x),
          await probabilities(trial, cloud, rotated(combine((value) => factor * value + shift, x))),
        ];
        for (const stage of ['conditional', 'joint'])
          expectClose(
            `${stage}, scaled by ${factor}, moved by ${shift} and rotated`,
            after[stage]!,
            before[stage]!,
            searchSlack,
          );
      },
    ),
  },
  {
    id: 'L37c',
    title: 't-SNE: the gradient is the difference quotient of KL(P‖Q), and sums to 0 over the points',
    why: 'a gradient without its factor 4; the distance in the plane for its square; q that is not normalised',
    property: forAll(clouds, async (trial, cloud) => {
      const embedding = planeOf(cloud, 'embedding', cloud.spread);
      const { gradient, joint } = (await probabilities(trial, cloud, cloudOf(cloud), { embedding })) as {
        gradient: HostTensor;
        joint: HostTensor;
      };
      const h = 1e-5;
      const moved = (at: number, by: number) => divergence(joint, embedding.data.with(at, embedding.data[at]! + by));
      const quotients = Float64Array.from(embedding.data, (_, at) => (moved(at, h) - moved(at, -h)) / (2 * h));
      // Σⱼ over p and q, 2/N at least, times a difference of positions.
      const scale = (8 * (largest(embedding.data) + 1)) / cloud.points;
      expectClose(
        'gradient',
        gradient,
        { shape: gradient.shape, data: quotients },
        Math.max(trial.tolerance, differenceSlack),
        scale,
      );
      const sums = [0, 1].map((axis) => total(gradient.data.filter((_, at) => at % 2 === axis)));
      trial.expectClose(
        'sum of the gradient',
        { shape: [2], data: Float64Array.from(sums) },
        constantly(0, 2),
        cloud.points * scale,
      );
    }),
  },
  {
    id: 'L34e',
    title:
      't-SNE: one step is momentum·update − rate·gain·gradient; ' +
      'a gain grows by 0.2 where update and gradient differ in sign, else is multiplied by 0.8',
    why: 'gains with the two cases swapped; the momentum of early exaggeration; a step up the divergence',
    property: forAll(fc.tuple(clouds, fc.constantFrom(1, 50)), async (trial, [cloud, rate]) => {
      const plane = (name: string): HostTensor => planeOf(cloud, name, 1);
      const embedding = plane('embedding');
      const [update, gains] = [plane('update'), combine((value) => Math.abs(value) / 8, plane('gains'))];
      const { gradient, step } = await probabilities(
        trial,
        cloud,
        cloudOf(cloud),
        { embedding, update, gains },
        { rate },
      );
      const expected = combine(
        (y, last, gain, g) => y + 0.8 * last - rate * Math.max(last * g < 0 ? gain + 0.2 : gain * 0.8, 0.01) * g,
        embedding,
        update,
        gains,
        gradient!,
      );
      trial.expectClose(
        'step',
        step!,
        expected,
        largest(embedding.data) + largest(update.data) + rate * (largest(gains.data) + 0.2) * largest(gradient!.data),
      );
    }),
  },
];

/**
 * Whether scikit-learn's search finds the bandwidths. Its first try is exp(−distance), and it fails where that
 * underflows. It also fails where the distances of the nearest are nearly equal: the bandwidth then grows until exp
 * underflows. For the same reason no perplexity is an integer.
 */
function hasBandwidths(cloud: Cloud): boolean {
  const x = cloudOf(cloud);
  return Array.from({ length: cloud.points }, (_, i) => distancesFrom(x, i).sort((a, b) => a - b)).every(
    (sorted) => sorted[Math.ceil(cloud.perplexity)]! > sorted[1]! * 1.02 && sorted.at(-1)! < 600,
  );
}

/** x [points,C,H,W], no two alike. */
function cloudOf({ scene: { x, seed }, points, spread }: Cloud): HostTensor {
  const random = new Random(seed, 'cloud');
  return {
    shape: [points, ...x.shape.slice(1)],
    data: Float32Array.from({ length: points * x.data.length }, () => random.normal() * spread),
  };
}

/** [points,2] */
function planeOf(
  { scene, points }: { scene: Scene; points: number },
  name: string,
  spread: number,
): HostTensor & { data: Float64Array } {
  const random = new Random(scene.seed, name);
  return { shape: [points, 2], data: Float64Array.from({ length: 2 * points }, () => random.normal() * spread) };
}

/** All stages of a descent that ends after its first step. */
function probabilities(
  trial: Trial,
  { scene, perplexity }: Cloud,
  x: HostTensor,
  fixtures: Record<string, HostTensor> = {},
  params: Record<string, unknown> = {},
): Promise<Stages> {
  const network = trial.load(scene.generated);
  return trial.explain('t-sne', network, {
    x,
    target: { class: 0 },
    params: { perplexity, steps: 250, compare: 1, ...params },
    fixtures,
    control: { comparedOnly: true },
  });
}

function constantly(value: number, count: number): HostTensor {
  return { shape: [count], data: new Float64Array(count).fill(value) };
}

/** −Σ p·log p */
function entropy(row: Float32Array | Float64Array): number {
  return total(Array.from(row, (p) => (p > 0 ? -p * Math.log(p) : 0)));
}

/** Squared, from point i to every one. */
function distancesFrom({ shape, data }: HostTensor, i: number): number[] {
  const d = data.length / shape[0]!;
  return Array.from({ length: shape[0]! }, (_, j) =>
    total(Array.from({ length: d }, (_, k) => (data[i * d + k]! - data[j * d + k]!) ** 2)),
  );
}

/**
 * The row's entropy is that of the perplexity; log p = −β·‖a − b‖² + a constant for every neighbour that counts, with
 * β from the nearest and the furthest of them.
 */
function expectNeighbours(
  trial: Trial,
  own: number,
  row: Float32Array | Float64Array,
  distances: readonly number[],
  perplexity: number,
): void {
  const counted = distances
    .map((_, j) => j)
    .filter((j) => j !== own && row[j]! > 1e-6)
    .sort((a, b) => distances[a]! - distances[b]!);
  const [near, far] = [counted[0]!, counted.at(-1)!];
  const beta = (Math.log(row[near]!) - Math.log(row[far]!)) / (distances[far]! - distances[near]!);
  const off = (what: string, by: readonly number[], allowed: number): void =>
    expectEvery(
      `row ${own}: ${what}`,
      { shape: [by.length], data: Float64Array.from(by) },
      (value) => Math.abs(value) <= allowed,
    );
  off(
    'entropy beyond that of the perplexity',
    [entropy(row) - Math.log(perplexity)],
    entropySlack + 4 * trial.tolerance,
  );
  // Distances are rounded to float32 for the search, on every engine.
  const roundedTwice = 16 * 2 ** -24 * (beta * distances[far]! + 1) + 16 * trial.tolerance;
  off(
    'log p compared with a Gaussian',
    counted.map((j) => Math.log(row[j]! / row[near]!) + beta * (distances[j]! - distances[near]!)),
    roundedTwice,
  );
}

function transposed({ shape, data }: HostTensor): HostTensor {
  const n = shape[0]!;
  return { shape, data: data.map((_, at) => data[(at % n) * n + Math.floor(at / n)]!) };
}

/** The last value of each image moves to the front, rotated with the next one by the angle of a 3-4-5 triangle. */
function rotated({ shape, data }: HostTensor): HostTensor {
  const d = data.length / shape[0]!;
  if (d === 1) return { shape, data: data.map((value) => -value) };
  return {
    shape,
    data: data.map((_, at) => {
      const [row, k] = [at - (at % d), at % d];
      const [last, first] = [data[row + d - 1]!, data[row]!];
      if (k === 0) return 0.6 * last - 0.8 * first;
      return k === 1 ? 0.8 * last + 0.6 * first : data[at - 1]!;
    }),
  };
}

/** KL(P‖Q), q ∝ 1/(1 + ‖yᵢ − yⱼ‖²). */
function divergence({ shape, data: joint }: HostTensor, y: Float64Array): number {
  const n = shape[0]!;
  const q = Float64Array.from(joint, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    return i === j ? 0 : 1 / (1 + (y[2 * i]! - y[2 * j]!) ** 2 + (y[2 * i + 1]! - y[2 * j + 1]!) ** 2);
  });
  const all = total(q);
  return total(Array.from(joint, (p, at) => (p > 0 ? p * Math.log((p * all) / q[at]!) : 0)));
}
