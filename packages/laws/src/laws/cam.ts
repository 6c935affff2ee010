/** L25, L26, L28, L30–L32: class activation maps. */
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { Random, type HostTensor, type Stages } from '@touchstone/contract';
import { fromHost, scoped, toHost } from '@touchstone/network';
import { formLayers } from '../arbitraries/map-forms.js';
import {
  type ChannelNetwork,
  anyNetwork,
  channelNetwork,
  gapNetwork,
  mapFormsNetwork,
} from '../arbitraries/networks.js';
import { scenes } from '../arbitraries/scenes.js';
import { declarationsOf, declaring, layerBeforePooling, requestFor, takes } from '../declared.js';
import { Disagreement, expectEvery } from '../disagreement.js';
import { combine, largest, perImage, pickAlong, total } from '../host-arithmetic.js';
import type { Law } from '../law.js';
import { forAll } from '../for-all.js';
import { expectSameMaps } from '../same-maps.js';

const layer = layerBeforePooling;
const normalisedMaps = fc.constantFrom(...declaring(({ normalisedMap }) => normalisedMap));
const ofTokens = fc.constantFrom(...declaring((_declares, method) => takes(method, 'tokens')));
const extendingCam = fc.constantFrom(...declaring(({ extendsCam }) => extendsCam));

export const camLaws: readonly Law[] = [
  {
    id: 'L25',
    title: 'CAM: the mean over the map plus the bias is the logit',
    why: 'a mean over channels for the sum; weights of another class; a ReLU that CAM does not have; a wrong layer',
    property: forAll(scenes(gapNetwork), async (trial, { generated, x, classes, seed }) => {
      const c = seed % classes;
      const { logits, attribution, activations } = await trial.explain('cam', trial.load(generated), {
        x,
        target: { class: c },
        params: { layer },
      });
      const bias = generated.weights['fc.bias']!.data[c]!;
      const means = perImage(attribution!, (map) => total(map) / map.length + bias);
      trial.expectClose(
        'mean over the map + bias',
        means,
        logitOf(logits!, c),
        camScale(activations!, generated.weights['fc.weight']!) + Math.abs(bias),
      );
    }),
  },
  {
    id: 'L26',
    title: 'GAP and one linear layer: Grad-CAM·HW = CAM, and the map is its positive part',
    why: 'a gradient sum for the mean; mean over the wrong axes; a missing ReLU; a softmax target',
    property: forAll(fc.tuple(scenes(gapNetwork), extendingCam), async (trial, [{ generated, x, target }, id]) => {
      const network = trial.load(generated);
      const cam = await trial.explain('cam', network, { x, target, params: { layer } });
      const grad = await trial.explain(id, network, { x, target, params: { layer } });
      const [, , h, w] = cam['activations']!.shape as [number, number, number, number];
      if ('weights' in grad)
        trial.expectClose(
          'weights·HW',
          combine((value) => value * h * w, grad['weights']!),
          cam['weights']!,
        );
      const positive = combine((value) => Math.max(value, 0) / (h * w), cam['attribution']!);
      trial.expectClose('map', grad['map']!, positive, camScale(cam['activations']!, cam['weights']!) / (h * w));
    }),
  },
  {
    id: 'L28',
    title: 'scaling a channel by s and its outgoing weights by 1/s, or permuting channels, changes nothing',
    why: 'channel weights that are normalised; a mean over the wrong axes; grouping or flattening in the wrong order',
    property: forAll(
      fc.tuple(
        scenes(channelNetwork),
        fc.constantFrom(...declaring(({ channelFree, networks }) => channelFree.length > 0 && networks === 'any')),
      ),
      async (trial, [scene, id]) => {
        const { generated, seed } = scene;
        const request = requestFor({ ...scene, layer: generated.first }, id);
        const invariant = (stages: Stages): Stages =>
          Object.fromEntries(declarationsOf(id).channelFree.map((stage) => [stage, stages[stage]!]));
        const before = await trial.explain(id, trial.load(generated), request);
        for (const [what, changed] of [
          ['scaled', scaled(generated, seed)],
          ['permuted', permuted(generated, seed)],
        ] as const) {
          const after = await trial.explain(id, trial.load(changed), request);
          trial.expectStagesClose(`${id}, channels ${what}`, invariant(after), invariant(before));
        }
      },
    ),
  },
  {
    id: 'L30',
    title: 'normalised maps are within [0,1] and have maximum 1 for each image, or are 0; never NaN',
    why: '0/0 on an all-negative map; division by the maximum of the batch; a missing ReLU; min–max scaling',
    property: forAll(fc.tuple(scenes(anyNetwork), normalisedMaps), async (trial, [scene, id]) => {
      const { generated, x, target, layer: any } = scene;
      const { map, normalised, attribution } = await trial.explain(id, trial.load(generated), {
        x,
        target,
        params: { layer: any },
      });
      expectEvery('normalised map', normalised!, (value) => value >= 0 && value <= 1);
      expectEvery(
        'maximum of each normalised map',
        perImage(normalised!, (values) => Math.max(...values)),
        (value) => value === 0 || value === 1,
      );
      const empty = perImage(map!, (values) => Number(values.every((value: number) => value === 0)));
      expectEvery(
        'maximum where the map is empty',
        perImage(normalised!, largest),
        (value, i) => (value === 0) === (empty.data[i] === 1),
      );
      expectEvery('attribution', attribution!, (value) => value >= 0 && value <= 1 + trial.tolerance);
    }),
  },
  {
    id: 'L31',
    title: 'resizing is linear, preserves constants, and stays within [min,max]',
    why: 'bicubic for bilinear; a grid that reads beyond the edge; a divisor that is off at the border',
    needs: 'resizing apart from its methods',
    property: forAll(
      fc.record({
        from: fc.tuple(side(6), side(6)),
        to: fc.tuple(side(12), side(12)),
        channels: side(2),
        images: side(2),
        seed: fc.nat(),
      }),
      async (trial, { from, to, channels, images, seed }) => {
        const shape = [images, channels, ...from];
        const draw = (stream: string): HostTensor => {
          const random = new Random(seed, stream);
          return {
            shape,
            data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.integer(-8, 8) / 4),
          };
        };
        const { resize } = trial.subject.inside!;
        const resized = (host: HostTensor) => scoped(() => toHost(resize(fromHost(host) as tf.Tensor4D, to)));
        const [a, b] = [draw('a'), draw('b')];
        const [ra, rb] = [await resized(a), await resized(b)];
        trial.expectClose(
          'resize of 2a − b/2',
          await resized(combine((p, q) => 2 * p - q / 2, a, b)),
          combine((p, q) => 2 * p - q / 2, ra, rb),
          5,
        );
        const level = a.data[0]!;
        trial.expectClose(
          'resize of a constant',
          await resized(combine(() => level, a)),
          combine(() => level, ra),
          Math.abs(level),
        );
        const plane = from[0] * from[1];
        const area = to[0] * to[1];
        expectEvery('resized value', ra, (value, i) => {
          const source = a.data.subarray(Math.floor(i / area) * plane, (Math.floor(i / area) + 1) * plane);
          return (
            value >= Math.min(...source) - 4 * trial.tolerance && value <= Math.max(...source) + 4 * trial.tolerance
          );
        });
      },
    ),
  },
  {
    id: 'L31b',
    title: 'the attribution is the normalised map, read at half-pixel centres',
    why: 'align_corners, the legacy grid, nearest neighbour; height and width exchanged',
    property: forAll(fc.tuple(scenes(anyNetwork), normalisedMaps), async (trial, [scene, id]) => {
      const { generated, x, target, layer: any } = scene;
      const { normalised, attribution } = await trial.explain(id, trial.load(generated), {
        x,
        target,
        params: { layer: any },
      });
      const [, , height, width] = attribution!.shape as [number, number, number, number];
      trial.expectClose('attribution', attribution!, readAtCentres(normalised!, [height, width]));
    }),
  },
  {
    id: 'L32',
    title: 'tokens on a grid, or channels last, give the same as the map that they hold',
    why:
      'a class token left in; tokens read by columns, on a grid of width × height, or as channels; ' +
      'rows taken for channels',
    property: forAll(fc.tuple(scenes(mapFormsNetwork), ofTokens), async (trial, [{ generated, x, target }, id]) => {
      const network = trial.load(generated);
      const explain = (params: Readonly<Record<string, unknown>>): Promise<Stages> =>
        trial.explain(id, network, { x, target, params });
      const ofMap = await explain({ layer: formLayers.map });
      const grid = ofMap['activations']!.shape.slice(2);
      for (const params of [
        { layer: formLayers.tokens, tokens: { skip: generated.skip, grid } },
        { layer: formLayers.channelsLast, channelsLast: true },
      ]) {
        const what = `${id} of "${params.layer}"`;
        const actual = await explain(params);
        const { activations, gradient } = ofMap;
        trial.expectClose(`${what}: activations`, actual['activations']!, activations!);
        trial.expectClose(`${what}: gradient`, actual['gradient']!, gradient!);
        expectSameMaps(trial, what, actual, ofMap);
      }
    }),
  },
];

/** Bilinear, value by value: torch's `F.interpolate(mode='bilinear', align_corners=False)`. */
function readAtCentres({ shape, data }: HostTensor, [height, width]: readonly [number, number]): HostTensor {
  const [n, c, h, w] = shape as [number, number, number, number];
  const between = (to: number, size: number, from: number) => {
    const centre = Math.max(0, ((to + 0.5) * from) / size - 0.5);
    const low = Math.min(Math.floor(centre), from - 1);
    return { low, high: Math.min(low + 1, from - 1), share: centre - low };
  };
  const resized = new Float64Array(n * c * height * width);
  for (let i = 0; i < resized.length; i++) {
    const y = between(Math.floor(i / width) % height, height, h);
    const x = between(i % width, width, w);
    const plane = Math.floor(i / (height * width)) * h * w;
    const line = (row: number): number =>
      data[plane + row * w + x.low]! * (1 - x.share) + data[plane + row * w + x.high]! * x.share;
    resized[i] = line(y.low) * (1 - y.share) + line(y.high) * y.share;
  }
  return { shape: [n, c, height, width], data: resized };
}

function side(max: number): fc.Arbitrary<number> {
  return fc.integer({ min: 1, max });
}

function logitOf(logits: HostTensor, c: number): HostTensor {
  return perImage(logits, (row) => row[c]!);
}

/** A bound of Σ over channels of |w|·|A|, which rounding in a map is relative to. */
function camScale(activations: HostTensor, weights: HostTensor): number {
  return largest(activations.data) * largest(weights.data) * activations.shape[1]!;
}

function scaled(network: ChannelNetwork, seed: number): ChannelNetwork {
  const { first, second, weights } = network;
  const weight = weights[`${first}.weight`]!;
  const channels = weight.shape[0]!;
  const channel = seed % channels;
  const s = [0.25, 2, 8][seed % 3]!;
  const perOutput = weight.data.length / channels;
  const perInput = weights[`${second}.weight`]!.shape.slice(2).reduce((a, b) => a * b, 1);
  const bias = weights[`${first}.bias`];
  const times = (tensor: HostTensor, factor: number, chosen: (index: number) => boolean): HostTensor => ({
    shape: tensor.shape,
    data: Float32Array.from(tensor.data, (value, i) => (chosen(i) ? value * factor : value)),
  });
  return {
    ...network,
    weights: {
      ...weights,
      [`${first}.weight`]: times(weight, s, (i) => Math.floor(i / perOutput) === channel),
      ...(bias ? { [`${first}.bias`]: times(bias, s, (i) => i === channel) } : {}),
      [`${second}.weight`]: times(
        weights[`${second}.weight`]!,
        1 / s,
        (i) => Math.floor(i / perInput) % channels === channel,
      ),
    },
  };
}

/** The channels in a cyclic shift. */
function permuted(network: ChannelNetwork, seed: number): ChannelNetwork {
  const { first, second, weights } = network;
  const weight = weights[`${first}.weight`]!;
  const channels = weight.shape[0]!;
  if (channels < 1) throw new Disagreement('a convolution without channels');
  const order = Array.from({ length: channels }, (_, i) => (i + 1 + (seed % channels)) % channels);
  const bias = weights[`${first}.bias`];
  return {
    ...network,
    weights: {
      ...weights,
      [`${first}.weight`]: pickAlong(0, weight, order),
      ...(bias ? { [`${first}.bias`]: pickAlong(0, bias, order) } : {}),
      [`${second}.weight`]: pickAlong(1, weights[`${second}.weight`]!, order),
    },
  };
}
