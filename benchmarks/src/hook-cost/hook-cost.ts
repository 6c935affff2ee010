/** What hooks cost where none is registered: a network against the same kernels called one after another. */
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { findBackend } from '@touchstone/backends';
import { readNetworkFolder } from '@touchstone/session';
import { constant, fromHost, grad, loadNetwork, Variable } from '@touchstone/network';
import { findGolden } from '@touchstone/system';
import type { Benchmark } from '../benchmark.js';
import { assertSame } from '../conv-gradient/conv-gradient.js';
import { noiseImages, vgg, vgg11, type Vgg } from '../conv-gradient/vgg.js';
import { measureRounds, spreadOf } from '../rounds.js';
import { versionsOf } from '../versions.js';
import { bare } from './bare.js';

const backend = 'wasm';

interface Pair {
  readonly ours: () => Float32Array;
  readonly bare: () => Float32Array;
  readonly dispose: () => void;
}

export type Pass = 'forward' | 'gradient';

/** The logits of one noise image, or the gradient of the first logit; each call computes them again. */
export function hookless({ description, weights }: Vgg, pass: Pass): Pair {
  const network = loadNetwork(description, weights);
  const plain = bare(description, weights);
  const x = fromHost(noiseImages(1, description.input.shape[1]!)) as tf.Tensor4D;
  const R = (logits: tf.Tensor): tf.Tensor =>
    constant(
      Array.from({ length: logits.size }, (_, i) => (i === 0 ? 1 : 0)),
      logits.shape,
    );
  const seed = tf.tidy(() => R(plain.forward(x)));
  // Not returned through the scope, which would look for tensors in every number.
  const read = (compute: () => tf.Tensor) => (): Float32Array => {
    let values = new Float32Array();
    tf.tidy(() => void (values = compute().dataSync<'float32'>().slice()));
    return values;
  };
  const gradient = (): tf.Tensor => {
    const input = Variable.leaf(x, { requiresGrad: true });
    return grad(network.call(input), seed, [input])[0]!;
  };
  return {
    ours: read(pass === 'forward' ? () => network.call(Variable.leaf(x)).value : gradient),
    bare: read(pass === 'forward' ? () => plain.forward(x) : () => plain.gradient(x, seed)),
    dispose: () => {
      network.dispose();
      plain.dispose();
      tf.dispose([x, seed]);
    },
  };
}

/** To resolve a few per cent. */
const runsPerRound = 10;

/** Runs on a small image before measuring: V8 compiles the functions. */
const warmUps = 150;
const smallSize = 32;

/** Milliseconds of processor time of this process, all cores together: other programs do not count. */
export const processorTime = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

function hookCost(name: string, open: () => Vgg, pass: Pass): Benchmark {
  const id = `hook-cost-${name}-${pass}`;
  return {
    id,
    title:
      `${pass === 'forward' ? 'forward pass' : 'forward pass and input gradient'} of ${name} without hooks, ` +
      'ours against the bare TF.js calls on wasm',
    onlyBackends: [backend],
    run: async function* ({ rounds, signal, onProgress }) {
      await findBackend(backend).open();
      const network = open();
      warmUp(network, pass);
      // Two copies: depending on where its weights are in memory, a copy can be half as fast for a whole process.
      const [one, other] = [hookless(network, pass), hookless(network, pass)];
      try {
        onProgress('checking that both give the same numbers');
        for (const { ours, bare } of [one, other, one, other]) assertSame(ours(), bare());
        const times = await measureRounds([one.ours, one.bare, other.bare, other.ours], {
          rounds: rounds * runsPerRound,
          now: processorTime,
          signal,
          onRound: (done) => done % runsPerRound === 0 && onProgress(`round ${done / runsPerRound} of ${rounds}`),
        });
        const ours = times.map(([first, , , last]) => Math.min(first!, last!));
        const plain = times.map(([, first, last]) => Math.min(first!, last!));
        const ratio = spreadOf(ours.map((mine, i) => plain[i]! / mine));
        yield {
          kind: 'comparison',
          benchmark: id,
          network: name,
          backend,
          batch: 1,
          imagesPerSecond: 1000 / spreadOf(ours).median,
          stockImagesPerSecond: 1000 / spreadOf(plain).median,
          milliseconds: ours,
          software: false,
          ratio,
          // Hooks cost time in the forward pass too, so it is not subtracted.
          ratioWithoutForward: ratio,
          required: 0.97, // at most 3 % slower
          verified: 'the same numbers as the bare calls',
          versions: versionsOf(backend),
          notes: [],
        };
      } finally {
        one.dispose();
        other.dispose();
      }
    },
  };
}

function warmUp({ description, weights }: Vgg, pass: Pass): void {
  const pair = hookless(
    {
      description: { ...description, input: { ...description.input, shape: [3, smallSize, smallSize] } },
      weights,
    },
    pass,
  );
  for (let i = 0; i < warmUps; i++) {
    pair.ours();
    pair.bare();
  }
  pair.dispose();
}

const networks: readonly (readonly [name: string, open: () => Vgg])[] = [
  ['vgg11-64', () => vgg('vgg11-64', vgg11, 64)],
  ['efficientnet-lite0', () => readNetworkFolder(join(findGolden(), 'networks', 'efficientnet-lite0'))],
];

export const hookCosts: readonly Benchmark[] = networks.flatMap(([name, open]) => [
  hookCost(name, open, 'forward'),
  hookCost(name, open, 'gradient'),
]);
