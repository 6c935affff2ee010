/** Every law can fail: each rejects at least one wrong variant of a method. */
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { findBackend } from '@touchstone/backends';
import {
  explain,
  findMethod,
  gradCamFrom,
  guidedBackpropFrom,
  mutants,
  saliencyFrom,
  smoothGradFrom,
  tsneFrom,
  type Method,
} from '@touchstone/methods';
import { constant, deconvRelu, firstMaximum, plainRelu, resizeBilinear, type GradientRules } from '@touchstone/network';
import type { Stages } from '@touchstone/contract';
import type { Subject } from './law.js';
import { findLaw, laws } from './laws.js';
import { holdTo, subjectOf } from './hold.js';

type Break = (right: Subject) => Subject;
type Run = Method['run'];

/** The methods with these ids, with another `run`. */
const running =
  (ids: readonly string[], changed: (right: Run) => Run): Break =>
  (subject) => ({
    ...subject,
    explain: async (id, explanation) => {
      if (!ids.includes(id)) return subject.explain(id, explanation);
      const right = findMethod(id);
      return (await explain({ ...right, run: changed(right.run) }, explanation)).stages;
    },
  });
/** Every variant has its own type of parameters; `explain` parses them. */
const using = (variant: unknown): Break => running([(variant as Method).id], () => (variant as Method).run);
const gradient = (ids: readonly string[], spoil: (gradient: tf.Tensor, x: tf.Tensor4D) => tf.Tensor): Break =>
  running(ids, (right) => async (job) => {
    const stages = await right(job);
    return { ...stages, gradient: spoil(stages['gradient']!, job.x) };
  });
const average = (spoil: (average: tf.Tensor, kind: string, count: number) => tf.Tensor): Break =>
  running(['smooth-grad'], (right) => async (job) => {
    const { average: kind, samples } = job.params as { average: string; samples: number };
    const stages = await right(job);
    return { ...stages, average: spoil(stages['average']!, kind, samples) };
  });
/** A mutant of the registry. */
const mutant =
  (id: string): Break =>
  (subject) => ({
    ...subject,
    explain: (method, explanation): Promise<Stages> => {
      const found = mutants.find((each) => each.id === id)!;
      return found.of.includes(method)
        ? found.explain(findMethod(method), explanation)
        : subject.explain(method, explanation);
    },
  });

const inputGradients = ['saliency', 'deconv', 'guided-backprop'];
const guidedWith = (relu: GradientRules['relu']): Break => using(guidedBackpropFrom({ rules: { relu } }));
const onlyPositive: GradientRules['relu'] = (R) => tf.relu(R);
const times = (tensor: tf.Tensor, factor: number): tf.Tensor => tf.mul(tensor, constant([factor], []));
/** As WASM's own kernel. */
const droppingWindows: Break = running(
  ['saliency'],
  (right) => (job) =>
    job.network.withRules({ maxPool: (R, x, y, window) => tf.mul(firstMaximum(R, x, y, window), tf.step(x)) }, () =>
      right(job),
    ),
);

const broken: Readonly<Record<string, Readonly<Record<string, Break>>>> = {
  L2: {
    'other roundings while a hook is registered': running(inputGradients, (right) => async (job) => {
      const stages = await right(job);
      const isWatched = job.network.namedModules().some(([, module]) => module.isHooked);
      return isWatched ? { ...stages, gradient: times(stages['gradient']!, 1 + 2 ** -20) } : stages;
    }),
  },
  L4: {
    'division by the maximum of the batch': mutant('cam-batch-maximum'),
    'the range of the batch': mutant('sigma-of-batch'),
  },
  L5: {
    'a tensor that leaks': running(inputGradients, (right) => async (job) => {
      tf.keep(job.x.clone());
      return right(job);
    }),
    'a hook that is not removed': running(['guided-backprop'], (right) => (job) => {
      job.network
        .module('fc')
        .registerForwardHook(
          (_module, _inputs, output) => void (output.requiresGrad && output.registerHook((R) => times(R, 2))),
        );
      return right(job);
    }),
  },
  L6: { 'noise that does not come from the seed': average((mean) => times(mean, 1 + Math.random())) },
  L7: {
    'batches that all have the same weight whatever their size': running(['smooth-grad'], (right) => async (job) => {
      const { batch, samples } = job.params as { batch: number | 'auto'; samples: number };
      const stages = await right(job);
      return typeof batch === 'number' && batch < samples
        ? { ...stages, average: times(stages['average']!, samples / (Math.ceil(samples / batch) * batch)) }
        : stages;
    }),
  },
  L10: {
    'softmax probability for logit': mutant('softmax-target'),
    'gradient times input': gradient(['saliency'], (g, x) => tf.mul(g, x)),
  },
  L10b: { 'a gradient shifted by a row': gradient(['saliency'], (g) => tf.reverse(g, 1)) },
  L11: { 'a gradient that is normalised': gradient(['saliency'], (g) => tf.divNoNan(g, tf.max(tf.abs(g)))) },
  L12: {
    'windows whose maximum is ≤ 0 dropped': droppingWindows,
    'a gradient counted twice': gradient(['saliency'], (g) => times(g, 2)),
  },
  L13: { 'softmax probability for logit': mutant('softmax-target') },
  T1: { 'ties to the last maximum': mutant('ties-to-last') },
  L16: {
    'deconv for guided': mutant('deconv-for-guided'),
    'guided where no rule is replaced': mutant('guided-not-replaced'),
    'a mask by the gradient in plain saliency': using(saliencyFrom({ rules: { relu: onlyPositive } })),
  },
  L16b: {
    'guided without the forward mask': (right) => ({ ...right, relu: { ...right.relu, guided: deconvRelu } }),
    'a rule that scales': (right) => ({ ...right, relu: { ...right.relu, deconv: (R) => times(tf.relu(R), 0.5) } }),
  },
  L17: { 'a clamp at the image': gradient(['guided-backprop'], (g) => tf.relu(g)) },
  L17b: {
    'the wrong half of the gradient': guidedWith((R, derivative) => tf.mul(tf.neg(tf.relu(tf.neg(R))), derivative)),
  },
  L18: { 'deconv for guided': mutant('deconv-for-guided') },
  L18b: { 'guided where no rule is replaced': guidedWith(plainRelu) },
  L19: {
    'a clamp on the summed gradient': gradient(['guided-backprop'], (g) => tf.relu(g)),
    'guided where no rule is replaced': guidedWith(plainRelu),
  },
  L20: {
    'a smallest σ': using(
      smoothGradFrom({
        sigma: (x) =>
          constant(
            Array.from({ length: x.shape[0] }, () => 0.5),
            [x.shape[0]],
          ) as tf.Tensor1D,
      }),
    ),
    'a sum for the mean': average((mean, _kind, count) => times(mean, count)),
  },
  L21: {
    'a variance around 1': average((mean, kind) => (kind === 'variance' ? tf.add(mean, constant([1], [])) : mean)),
    'a sum for the mean': average((mean, _kind, count) => times(mean, count)),
  },
  L21b: { 'σ not scaled': mutant('sigma-not-scaled'), 'the range of the batch': mutant('sigma-of-batch') },
  L22: {
    'mean of |g| for |mean of g|': mutant('abs-inside-mean'),
    'variance of a sample': average((mean, kind, count) =>
      kind === 'variance' && count > 1 ? times(mean, count / (count - 1)) : mean,
    ),
    'standard deviation for variance': average((mean, kind) => (kind === 'variance' ? tf.sqrt(tf.abs(mean)) : mean)),
  },
  L23: { 'a divisor that is one off': average((mean, _kind, count) => times(mean, count / (count + 1))) },
  L25: {
    'mean over channels for the sum': running(['cam'], (right) => async (job) => {
      const stages = await right(job);
      return { ...stages, attribution: times(stages['attribution']!, 1 / stages['activations']!.shape[3]!) };
    }),
  },
  L26: {
    'a gradient sum for the mean': using(gradCamFrom({ pool: (g) => tf.sum(g, [1, 2]) })),
    'a missing ReLU': mutant('cam-relu-missing'),
    'mean over the wrong axes': mutant('cam-mean-axes'),
  },
  L28: {
    'channel weights that are normalised': using(
      gradCamFrom({ pool: (g) => tf.divNoNan(tf.mean<tf.Tensor2D>(g, [1, 2]), tf.max(tf.abs(g))) }),
    ),
  },
  L30: {
    'division by the maximum of the batch': mutant('cam-batch-maximum'),
    '0/0': using(gradCamFrom({ normalise: (map) => tf.div(map, tf.max(map, [1, 2, 3], true)) })),
    'a missing ReLU': mutant('cam-relu-missing'),
  },
  L31: {
    'zeros beyond the edge': (right) => ({
      ...right,
      resize: (x, [h, w]) =>
        tf.slice(
          resizeBilinear(
            tf.pad(x, [
              [0, 0],
              [1, 1],
              [1, 1],
              [0, 0],
            ]),
            [h + 2, w + 2],
          ),
          [0, 1, 1, 0],
          [-1, h, w, -1],
        ),
    }),
    'a map that is clipped': (right) => ({ ...right, resize: (x, size) => tf.relu(resizeBilinear(x, size)) }),
    'sharpening, as bicubic does': (right) => ({
      ...right,
      resize: (x, size) =>
        tf.sub(times(resizeBilinear(x, size), 1.5), times(tf.image.resizeNearestNeighbor(x, [...size]), 0.5)),
    }),
  },
  L31b: {
    align_corners: mutant('align-corners'),
    'the legacy grid': mutant('legacy-grid'),
    'nearest neighbour': mutant('nearest'),
  },
  L34: {
    'root mean square for the norm': mutant('gradient-over-rms'),
    'the norm of the batch': mutant('gradient-norm-of-batch'),
    descent: mutant('descends'),
  },
  L34b: {
    'jitter by zero padding': mutant('jitter-padded'),
    'decay of the wrong sign': mutant('decay-upwards'),
    'decay without its factor 2': mutant('decay-half'),
    'a clamp to [0,1]': mutant('clamp-unprocessed'),
  },
  L34c: {
    'ε of TF.js': mutant('adam-epsilon'),
    'ε inside the root': mutant('adam-epsilon-inside'),
    'no correction of the bias': mutant('adam-uncorrected'),
    'decay of the wrong sign': mutant('decay-reversed'),
    'decay taken off the image': mutant('decay-decoupled'),
  },
  L34d: {
    descent: mutant('descends'),
    'a regularisation that climbs': mutant('decay-upwards'),
    'weight decay that climbs': mutant('decay-reversed'),
  },
  L34e: { 'gains with the two cases swapped': mutant('gains-reversed') },
  L35: { 'jitter by zero padding': mutant('jitter-padded') },
  L36: {
    'the last step left out': running(['fooling-image'], (right) => async (job) => {
      const stages = await right(job);
      return { ...stages, attribution: tf.add(job.x, times(tf.sub(stages['attribution']!, job.x), 0.9)) };
    }),
    'steps that are too long': mutant('gradient-over-rms'),
  },
  L37: {
    'perplexity in nats': mutant('perplexity-in-bits'),
    'the distance for its square': mutant('distance-plain'),
    'no symmetrisation': mutant('unsymmetrised'),
  },
  L37b: {
    'a distance with a scale of its own': using(
      tsneFrom({ distances: ({ n, data }) => ({ n, data: data.map((square) => square / (1 + square)) }) }),
    ),
  },
  L37c: {
    'no factor 4': mutant('gradient-factor'),
    'the distance in the plane for its square': mutant('embedded-distance-plain'),
  },
};

const [seed, runs] = [20_260_101, 400];

describe('every law', () => {
  it('has a broken variant that it rejects', () => {
    expect(Object.keys(broken).sort()).toEqual(laws.map(({ id }) => id).sort());
  });
});

const rows = Object.entries(broken).flatMap(([id, variants]) =>
  Object.entries(variants).map(([name, breakIt]) => [id, name, breakIt] as const),
);

describe('the oracle backend', async () => {
  const backend = findBackend('float64');
  await backend.open();
  const right = subjectOf(backend, 'float64');
  it.each(rows)('%s rejects %s', async (id, _name, breakIt) => {
    const { status, report, path } = await holdTo(findLaw(id), breakIt(right), { seed, runs, shrink: false });
    expect(status, report ?? '').toBe('broken');
    expect(report).toContain(`TOUCHSTONE_LAW=${id} TOUCHSTONE_SEED=${seed} TOUCHSTONE_PATH=${path}`);
    expect(report!.length).toBeLessThan(8000);
  });

  it('is shown the smallest counter-example, which is found again under its path', async () => {
    const subject = mutant('sigma-not-scaled')(right);
    const found = await holdTo(findLaw('L21b'), subject, { seed, runs });
    const again = await holdTo(findLaw('L21b'), subject, { seed, runs, path: found.path! });
    expect(again.report!.split('\n').slice(0, 2)).toEqual(found.report!.split('\n').slice(0, 2));
    expect(found.report).toContain('✗ L21b on float64');
    expect(found.report).toMatch(/sigma: \d+ of \d+ values differ/);
    expect(found.report).toMatch(/input \[1,1,1\][^]*fc = fc\(flatten\) Linear[^]*x \[\d,1,1,1\]/);
  });
});
