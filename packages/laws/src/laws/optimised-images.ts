/** L34–L36: images that are changed step by step. */
import fc from 'fast-check';
import type { HostTensor } from '@touchstone/contract';
import { anyNetwork } from '../arbitraries/networks.js';
import { scenes, type Scene } from '../arbitraries/scenes.js';
import { Disagreement, expectClose, expectEvery } from '../disagreement.js';
import { combine, dot, largest, perImage } from '../host-arithmetic.js';
import type { Law } from '../law.js';
import { sidesOf } from '../linear-piece.js';
import { adamSteps, blurred, clampedToPixels, shifted } from '../image-arithmetic.js';
import { forAll } from '../for-all.js';

const rates = fc.constantFrom(0.125, 1, 4);
const offset = fc.tuple(fc.integer({ min: -3, max: 3 }), fc.integer({ min: -3, max: 3 }));
/** So narrow that it does not change the image. */
const noBlur = 0.01;

export const optimisedImageLaws: readonly Law[] = [
  {
    id: 'L34',
    title: 'fooling: one step is x + rate·g/‖g‖₂ of each image, and none where the class is already predicted',
    why: 'the root mean square for the norm, or the norm of the batch; descent; an image that changes after it is done',
    property: forAll(fc.tuple(scenes(anyNetwork), rates), async (trial, [scene, rate]) => {
      const network = trial.load(scene.generated);
      const request = { x: scene.x, target: { class: classesOf(scene) } };
      const { logits, gradient } = await trial.explain('saliency', network, request);
      const stages = await trial.explain('fooling-image', network, {
        ...request,
        params: { rate, steps: 1, compare: 1 },
      });
      const seen = perImage(logits!, likeliest).data;
      const norms = perImage(gradient!, (g) => Math.hypot(...g)).data;
      const stepSizes = Array.from(norms, (norm, i) =>
        norm === 0 || seen[i] === request.target.class[i] ? 0 : rate / norm,
      );
      const size = scene.x.data.length / stepSizes.length;
      const expected = Float64Array.from(
        scene.x.data,
        (value, i) => value + stepSizes[Math.floor(i / size)]! * gradient!.data[i]!,
      );
      trial.expectClose('image-1', stages['image-1']!, { shape: scene.x.shape, data: expected });
    }),
  },
  {
    id: 'L34b',
    title: 'class visualisation: one step is shift, x + rate·(∂f − 2·decay·x), shift back, clamp, blur',
    why:
      'jitter by zero padding; decay of the wrong sign or without its factor 2; ' +
      'a clamp to [0,1] or before the jitter is undone',
    property: forAll(
      fc.tuple(
        scenes(anyNetwork),
        fc.record({ rate: rates, decay: fc.constantFrom(0, 0.125), sigma: fc.constantFrom(noBlur, 0.5, 1) }),
        offset,
      ),
      async (trial, [scene, { rate, decay, sigma }, [oy, ox]]) => {
        const network = trial.load(scene.generated);
        const { x, target } = scene;
        const fixtures = { start: x, jitter: offsets([oy, ox]) };
        const stages = await trial.explain('class-visualization', network, {
          x,
          target,
          params: { rate, decay, sigma, jitter: 3, steps: 1, compare: 1 },
          fixtures,
        });
        const moved = shifted(x, [oy, ox]);
        const { gradient } = await trial.explain('saliency', network, { x: moved, target });
        const climb = combine((g, value) => g - 2 * decay * value, gradient!, moved);
        const scale = largest(gradient!.data) + largest(x.data);
        trial.expectClose('gradient', stages['gradient']!, climb, scale);
        const back = shifted(
          combine((value, g) => value + rate * g, moved, climb),
          [-oy, -ox],
        );
        trial.expectClose(
          'image-1',
          stages['image-1']!,
          blurred(clampedToPixels(back, scene.generated.description.preprocess!), sigma),
          (1 + rate) * scale,
        );
      },
    ),
  },
  {
    id: 'L34c',
    title: 'filter visualisation: two steps are those of Adam, with ε outside the root and decay·x in the gradient',
    why: 'another ε, or ε inside the root; no correction of the bias; decay of the wrong sign, or taken off the image',
    property: forAll(
      fc.tuple(scenes(anyNetwork), fc.constantFrom(0.125, 1), fc.constantFrom(0, 0.125)),
      async (trial, [{ generated, x, target, layer }, rate, decay]) => {
        const network = trial.load(generated);
        const from = (start: HostTensor) =>
          trial.explain('filter-visualization', network, {
            x,
            target,
            params: { layer, rate, decay, octaves: 1, steps: 2, compare: 2 },
            fixtures: { start },
          });
        const first = await from(x);
        const { gradient } = await from(first['image-1']!);
        // The second step starts from the image-1 that the method returned: a rounding δ of it would become decay·δ in
        // a gradient that Adam divides by its own size. Started there, no error is magnified: decay·x is exact, so that
        // g + decay·x is rounded relative to itself, and no step is longer than the rate.
        const expected = adamSteps([x, first['image-1']!], [first['gradient']!, gradient!], { rate, decay });
        const scale = largest(x.data) + 2 * rate;
        for (const [i, image] of expected.entries())
          trial.expectClose(`image-${i + 1}`, first[`image-${i + 1}`]!, image, scale);
      },
    ),
  },
  {
    id: 'L34d',
    title: 'to first order the objective does not fall at a rate so small that no unit changes sides',
    why: 'a step down the objective; a regularisation or weight decay that raises the objective instead of lowering it',
    property: forAll(
      fc.tuple(
        scenes(anyNetwork, { maxImages: 1 }),
        fc.constantFrom('fooling-image', 'class-visualization', 'filter-visualization'),
        fc.constantFrom(2 ** -4, 2 ** -8),
      ),
      async (trial, [scene, id, rate]) => {
        const { generated, x, layer } = scene;
        const network = trial.load(generated);
        const [wanted] = classesOf(scene) as [number];
        const target = { class: wanted };
        const decay = id === 'fooling-image' ? 0 : 0.125;
        const method = {
          'fooling-image': {},
          'class-visualization': { decay, jitter: 0, sigma: noBlur },
          'filter-visualization': { decay, layer, octaves: 1 },
        }[id]!;
        const from = (start: HostTensor) =>
          trial.explain(id, network, {
            x: start,
            target,
            params: { ...method, rate, steps: 1, compare: 1 },
            fixtures: { start, jitter: offsets([0, 0]) },
          });
        const before = await from(x);
        const image = before['image-1']!;
        fc.pre((await sidesOf(trial, generated, x)) === (await sidesOf(trial, generated, image)));
        const after = await from(image);
        const heights = [before, after].map((stages) =>
          id === 'filter-visualization' ? stages['activation']!.data[0]! : stages['logits']!.data[wanted]!,
        );
        // The gradient of decay·‖x‖² is twice that of Adam's weight decay. To first order: Adam's steps have the size
        // of the rate, however small the gradient is, so the square of the step may outweigh it.
        const weight = id === 'filter-visualization' ? decay / 2 : decay;
        const [held, moved] = [x, image].map((other) => weight * dot(x, other).data[0]!) as [number, number];
        const rise = heights[1]! - heights[0]! - 2 * (moved - held);
        expectEvery(
          `${id}: rise of the objective`,
          { shape: [1], data: Float64Array.of(rise) },
          (value) => value >= -trial.tolerance * (Math.abs(heights[0]!) + held + largest(x.data)),
        );
      },
    ),
  },
  {
    id: 'L35',
    title: 'jitter and its inverse cancel: with a zero objective the start image stays the same, bit for bit',
    why: 'jitter by zero padding; a shift undone in the wrong direction, or not at all',
    property: forAll(
      fc.tuple(scenes(anyNetwork), fc.array(offset, { minLength: 1, maxLength: 3 })),
      async (trial, [{ generated, x, classes }, jitter]) => {
        const network = trial.load(generated);
        const params = { decay: 0, sigma: noBlur, jitter: 3, steps: jitter.length, compare: jitter.length };
        const target = { weights: Array.from({ length: classes }, () => 0) };
        const stages = await trial.explain('class-visualization', network, {
          x,
          target,
          params,
          fixtures: { start: x, jitter: offsets(...jitter) },
        });
        const expected = clampedToPixels(x, generated.description.preprocess!);
        for (const stage of [...jitter.map((_, i) => `image-${i + 1}`), 'attribution'])
          expectClose(stage, stages[stage]!, expected, 0);
      },
    ),
  },
  {
    id: 'L36',
    title: 'a fooling image that stopped early is classified as the target in a new pass; ‖x′ − x‖ ≤ steps·rate',
    why: 'a step too few; the test of another image; steps that are longer than the rate',
    property: forAll(fc.tuple(scenes(anyNetwork), rates), async (trial, [scene, rate]) => {
      const maxSteps = 4;
      const network = trial.load(scene.generated);
      const request = { x: scene.x, target: { class: classesOf(scene) } };
      const { attribution, steps } = await trial.explain('fooling-image', network, {
        ...request,
        params: { rate, steps: maxSteps, compare: 1 },
      });
      const { logits } = await trial.explain('saliency', network, { ...request, x: attribution! });
      for (const [i, seen] of perImage(logits!, likeliest).data.entries()) {
        if (steps!.data[i]! < maxSteps && seen !== request.target.class[i])
          throw new Disagreement(
            `image ${i} stopped after ${steps!.data[i]} steps; it is classified as ${seen}, ` +
              `the target is ${request.target.class[i]}`,
          );
      }
      const lengths = perImage(
        combine((a, b) => a - b, attribution!, scene.x),
        (values) => Math.hypot(...values),
      );
      const rounding = trial.tolerance * Math.sqrt(scene.x.data.length) * (largest(scene.x.data) + maxSteps * rate);
      expectEvery(
        '‖x′ − x‖ − steps·rate',
        combine((length, count) => length - count * rate, lengths, steps!),
        (value) => value <= rounding,
      );
    }),
  },
];

/** One class for each image. */
function classesOf({ x, classes, seed }: Scene): number[] {
  return Array.from({ length: x.shape[0]! }, (_, i) => (seed + i) % classes);
}

/** The first of the largest. */
function likeliest(logits: Float32Array | Float64Array): number {
  let best = 0;
  for (const [i, value] of logits.entries()) if (value > logits[best]!) best = i;
  return best;
}

/** jitter [steps,2] */
function offsets(...each: readonly (readonly [number, number])[]): HostTensor {
  return { shape: [each.length, 2], data: Float32Array.from(each.flat()) };
}
