#!/usr/bin/env node
/**
 * How far a backend's input gradient is from float64 on inputs of large and tiny scale, and how far with its own
 * masks forced on float64 (docs/concepts/tolerance.md): `node tools/harness/scales.mjs [BACKEND] [NETWORK:INPUT…]`.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { compareTensors, readSafetensors } from '@touchstone/contract';
import { openChildSession } from '@touchstone/session';

const golden = fileURLToPath(new URL('../../golden', import.meta.url));
const [backend = 'wasm', ...named] = process.argv.slice(2);
const subjects = named.length > 0 ? named : ['tiny-vgg:cat-32', 'residual:cat-32', 'vgg16-narrow:cat-64x80'];
const scales = [1e6, 1, 1e-3, 1e-6, 1e-9];

function requestFor(network, input, scale) {
  const { tensors } = readSafetensors(readFileSync(`${golden}/inputs/${input}.safetensors`), input);
  const [{ shape, data }] = Object.values(tensors);
  return {
    method: 'saliency',
    networkFolder: `${golden}/networks/${network}`,
    x: { shape, data: Float32Array.from(data, (value) => scale * value) },
    target: { class: 1 },
    params: { reduce: 'none' },
    fixtures: {},
    maxValues: 10_000_000,
  };
}

const [measured, oracle] = [await openChildSession({ backend }), await openChildSession({ backend: 'float64' })];
try {
  for (const subject of subjects) {
    const [network, input] = subject.split(':');
    for (const scale of scales) {
      const request = requestFor(network, input, scale);
      const { gradient } = (await measured.explain(request)).stages;
      const switchPoints = await measured.diagnose({ kind: 'switchPoints', request });
      const { own, stages, difference } = await oracle.diagnose({ kind: 'replay', request, switchPoints, own: true });
      const [alone, masked] = [own, stages].map((other) =>
        compareTensors(gradient, other.gradient).e2.toExponential(1),
      );
      console.log(`${network} × ${scale}: e2 ${alone}, with its masks ${masked}, units flipped ${difference.flipped}`);
    }
  }
} finally {
  await measured.close();
  await oracle.close();
}
