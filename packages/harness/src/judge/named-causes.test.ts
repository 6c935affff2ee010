/** A port with one or two of these faults, and float32, is told which they are. */
import { beforeAll, describe, expect, it } from 'vitest';
import { findBackend } from '@touchstone/backends';
import type { HostTensor, Stages } from '@touchstone/contract';
import { explain, findMethod, mutants } from '@touchstone/methods';
import { caseToAsk, causeOf, float32, type CaseToAsk } from '../testing/ask-for-causes.js';
import { everyField } from '../testing/every-field.js';
import { compareStages } from './compare-stages.js';
import type { LikelyCause } from './likely-cause.js';

beforeAll(() => findBackend('float64').open());

const stored = ['weights-float16', 'weights-bfloat16', 'weights-int8', 'weights-uint8'];
const normalised = ['normalised-twice', 'normalised-twice-by-levels', 'not-normalised', 'not-normalised-levels'];
/** Of those that people make most, on the cases that take least; tools/harness/causes.mjs asks about all. */
const named: Readonly<Record<string, readonly string[]>> = {
  'saliency/digits/digits': [
    'class-before',
    'class-after',
    'kernels-flipped',
    'kernels-transposed',
    'relu-mask-by-value',
    ...stored,
  ],
  'grad-cam/tiny-vgg/cat-32/features.6': [
    'channels-bgr',
    'layer-before',
    'last-convolution',
    'cam-mean-of-rows',
    'cam-mean-of-columns',
    'bicubic',
    'cam-min-max-after-resizing',
    'cam-weights-absolute',
    'cam-gradients-rectified',
    ...normalised,
  ],
  'grad-cam/pool-ceil/batch-17x23': [
    'cam-weights-of-batch',
    'cam-min-max',
    'cam-min-max-for-relu',
    'cam-normalised-after-resizing',
  ],
  'saliency/batch-norm/batch-32': ['batch-norm-epsilon', 'batch-norm-training', 'same-padding'],
  'deconv/tiny-vgg/cat-32': ['max-pool-not-positive', 'guided-for-deconv', 'deconv-not-replaced'],
  'activations/pool-average/cat-32': ['padding-not-counted', 'padding-counted', 'maps-of-input'],
  'hires-cam/head-flatten/coffee-20x32': [
    'layer-before',
    'hires-bicubic',
    'hires-gradients-rectified',
    'hires-normalised-after-resizing',
  ],
  'smooth-grad/pool-ceil/cat-17x23': [
    'smooth-noise-repeated',
    'smooth-last-clean',
    'smooth-noise-clipped',
    'smooth-range-of-channels',
    'smooth-gradients-accumulate',
  ],
};

const faulty = ({ row, explanation }: CaseToAsk, mutant: string): Promise<Stages> =>
  mutants.find(({ id }) => id === mutant)!.explain(findMethod(row.method), explanation);

describe.each(Object.entries(named))('on %s', (id, ids) => {
  it.each(ids)('%s is named', async (mutant) => {
    const asked = caseToAsk(id);
    const stages = Object.entries(await faulty(asked, mutant)).map(([name, stage]) => [name, float32(stage)]);
    const answer = Object.fromEntries(stages) as Stages;
    const { stage } = everyField(compareStages(asked.stored.golden, answer, 'every stage'));
    expect(stage).not.toBeNull();
    expect((await causeOf(asked, answer, stage!))?.text).toContain(`(mutant ${mutant} reproduces`);
  });
});

/** Each image from its minimum to its maximum. */
const minMax = ({ shape, data }: HostTensor): HostTensor => {
  const size = data.length / shape[0]!;
  const scaled = Float32Array.from(data, (value, i) => {
    const image = data.subarray(i - (i % size), i - (i % size) + size);
    const [least, most] = [Math.min(...image), Math.max(...image)];
    return (value - least) / (most - least);
  });
  return { shape, data: scaled };
};

describe.each(['saliency/digits/digits', 'grad-cam/tiny-vgg/cat-32/features.6'])(
  'from the final map alone, on %s',
  (id) => {
    const softmax = {
      'saliency/digits/digits': ['softmax-target', /^likely cause: gradient of the softmax probability .*$/],
      'grad-cam/tiny-vgg/cat-32/features.6': [
        'cam-softmax-target',
        /^likely cause: .*\nor: gradient of the logarithm .* gives the same here\)$/,
      ],
    }[id] as [string, RegExp];

    it('two faults are named', async () => {
      const asked = caseToAsk(id);
      const { attribution } = await faulty(asked, 'kernels-flipped');
      const cause = await causeOf(asked, { attribution: minMax(attribution!) }, 'attribution');
      expect(cause).toMatchObject({ certain: true, mutants: expect.arrayContaining(['kernels-flipped']) });
      expect(cause!.fault).toMatch(/^kernels are flipped.*, and .*(scaled|divided)/);
      expect(cause!.text).toMatch(/^likely cause: .* reproduce the output to \d/);
      expect(cause!.remedy).toMatch(/^Leave the kernels unflipped.*\. [A-Z].*\.$/);
    });

    it('all causes that give the same are said', async () => {
      const [mutant, text] = softmax;
      const asked = caseToAsk(id);
      const { attribution } = await faulty(asked, mutant);
      expect((await causeOf(asked, { attribution: float32(attribution!) }, 'attribution'))?.text).toMatch(text);
    });
  },
);

it.each(['abs-sum', 'none'])('a port that always reduces channels by "%s" is told to follow params', async (reduce) => {
  const asked = caseToAsk('saliency/tiny-vgg/cat-32');
  const { stages } = await explain(findMethod('saliency'), { ...asked.explanation, params: { reduce } });
  expect(await causeOf(asked, { attribution: float32(stages['attribution']!) }, 'attribution')).toMatchObject({
    fault: `the answer is that of reduce "${reduce}", which is not what params.reduce asks for`,
    certain: true,
    remedy: expect.stringMatching(/^Follow params\.reduce, .* here it is "abs-max": /) as string,
  });
});

it('another class is named', async () => {
  const asked = caseToAsk('grad-cam/tiny-vgg/cat-32/features.6');
  const { stages } = await explain(findMethod('grad-cam'), { ...asked.explanation, target: { class: 2 } });
  expect(await causeOf(asked, { attribution: float32(stages['attribution']!) }, 'attribution')).toMatchObject({
    fault: 'class 2 instead of the class that is asked for',
    certain: true,
    remedy: null,
  });
});

it('another layer is named with a remedy, also where only what explained other answers is asked', async () => {
  const asked = caseToAsk('grad-cam/tiny-vgg/cat-32/features.6');
  const { stages } = await explain(findMethod('grad-cam'), { ...asked.explanation, params: { layer: 'features.0' } });
  const wrong = {
    at: 'attribution',
    stages: { attribution: float32(stages['attribution']!) },
    allowed: { attribution: { e2: 1e-6, eMax: 1e-6 } },
    perImage: true,
  };
  const named = { parts: [{ fault: 'layer "features.0" instead of the layer that is asked for', kind: 'layer' }] };
  const cause = await asked.search.causeOf(wrong, { most: Infinity, only: ['layer'] });
  expect(cause).toMatchObject(named);
  expect(cause!.parts[0]!.remedy!.how).toMatch(/params\.layer/);
  expect(await asked.search.causeOf(wrong, { most: Infinity, only: ['class'] })).toBeNull();
});

it.each([
  [
    'normalised',
    /^(likely cause|could be): the map is not resized to the image: \d+×\d+ for 32×32/,
    /^Resize bilinearly/,
  ],
  [
    'map',
    /: the map is neither divided by its maximum nor resized to the image: 2×2 for/,
    /^Divide each .*; then resize/,
  ],
  ['weights', /: the weights of the channels are returned instead of a map/, /^Weight the feature maps/],
])('another stage in the place of the map is said in words: %s', async (stage, text, remedy) => {
  const asked = caseToAsk('grad-cam/tiny-vgg/cat-32');
  const cause = await causeOf(asked, { attribution: asked.stored.golden.stages[stage]! }, 'attribution');
  expect(cause!.fault).not.toMatch(/\d/); // so that cases of other sizes have the same
  expect(cause).toMatchObject({ text: expect.stringMatching(text), remedy: expect.stringMatching(remedy) });
});

describe('the cause of an answer with several stages', () => {
  /** Asks about the golden with some values changed. */
  const causeOfChanged = async (
    changes: Record<string, (value: number, i: number) => number>,
    diverging: string,
  ): Promise<LikelyCause | null> => {
    const asked = caseToAsk('grad-cam/tiny-vgg/cat-32/features.6');
    const { stages } = asked.stored.golden;
    const changed = Object.entries(changes).map(([name, change]): [string, HostTensor] => {
      const { shape, data } = stages[name]!;
      return [name, { shape, data: data.map(change) }];
    });
    return causeOf(asked, { ...stages, ...Object.fromEntries(changed) }, diverging);
  };

  // The attribution of the softmax probability is that of the logit: both are divided by their maximum.
  it('reproduces the stage that diverges, not only the attribution', async () => {
    const cause = await causeOfChanged({ activations: (value) => Math.max(value, 0) }, 'activations');
    expect(cause?.text).toMatch(
      /^likely cause: .* in-place ReLU .*\(mutant cam-activations-overwritten reproduces stage "activations" to/,
    );
  });

  it('reproduces the stages before it', async () => {
    const wrong = { map: (value: number, i: number) => value + i, attribution: () => 0 };
    expect(await causeOfChanged(wrong, 'attribution')).toBeNull();
  });
});
