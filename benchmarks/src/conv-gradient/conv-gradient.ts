import { findBackend } from '@touchstone/backends';
import { compareTensors, TouchstoneError } from '@touchstone/contract';
import type { Benchmark } from '../benchmark.js';
import { measureRounds } from '../rounds.js';
import { versionsOf } from '../versions.js';
import { ratiosOf } from './ratios.js';
import { variants } from './variants.js';
import { noiseImages, vgg, vgg11 } from './vgg.js';

const [batch, size] = [8, 64];

/** Allowed e2: the sums run in another order. A wrong gradient is off by about 1. */
const maxError = 1e-4;

function convGradient(id: string, backend: string, required: number): Benchmark {
  return {
    id,
    title: `input gradient of VGG-11 on 8 images of 64×64, ours against stock TF.js on ${backend}`,
    onlyBackends: [backend],
    run: async function* ({ rounds, signal, onProgress }) {
      await findBackend(backend).open();
      const { ours, stock, forward, dispose } = variants(vgg11, vgg('vgg11-64', vgg11, size), noiseImages(batch, size));
      try {
        onProgress('checking that both give the same numbers');
        assertSame(ours(), stock());
        const times = await measureRounds([ours, stock, forward], {
          rounds,
          signal,
          onRound: (done) => onProgress(`round ${done} of ${rounds}`),
        });
        const measured = ratiosOf(times);
        const perSecond = (milliseconds: number): number => (batch * 1000) / milliseconds;
        yield {
          kind: 'comparison',
          benchmark: id,
          network: 'vgg11-64',
          backend,
          batch,
          imagesPerSecond: perSecond(measured.ours.median),
          stockImagesPerSecond: perSecond(measured.stock.median),
          milliseconds: times.map(([ours]) => ours!),
          software: false,
          ratio: measured.ratio,
          ratioWithoutForward: measured.ratioWithoutForward,
          required,
          verified: 'the same gradient as stock TF.js',
          versions: versionsOf(backend),
          notes: [],
        };
      } finally {
        dispose();
      }
    },
  };
}

export const convGradients: readonly Benchmark[] = [
  convGradient('conv-gradient', 'wasm', 4),
  convGradient('conv-gradient-tensorflow', 'tensorflow', 1),
];

/** @throws TouchstoneError `internal` */
export function assertSame(ours: Float32Array, stock: Float32Array): void {
  const { e2 } = compareTensors({ shape: [ours.length], data: ours }, { shape: [stock.length], data: stock });
  if (!(e2 <= maxError))
    throw new TouchstoneError(
      'internal',
      `the two gradients differ by ${e2} of their size, so they are not timed`,
      'Find the wrong one first, with touchstone verify.',
    );
}
