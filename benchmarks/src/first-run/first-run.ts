/** A saliency map end to end: `touchstone attribute` in a new process, next to a warm session and PyTorch. */
import { fileURLToPath } from 'node:url';
import { TemporaryFolder } from '@touchstone/system';
import type { Benchmark } from '../benchmark.js';
import { noiseImages } from '../conv-gradient/vgg.js';
import { measureFirstRun } from './measure.js';
import { storeNetwork } from './stored-network.js';

const backend = 'wasm';
const size = 224;

function firstRun(name: string): Benchmark {
  const id = `first-run-${name}`;
  const network = `${name}-${size}`;
  return {
    id,
    title: `a saliency map of ${network} on ${backend} from the command to the file, and in a warm session`,
    onlyBackends: [backend],
    run: async function* (options) {
      const temporary = new TemporaryFolder('touchstone-first-run-');
      try {
        const folder = temporary.path;
        storeNetwork(fileURLToPath(new URL(`../../networks/${network}`, import.meta.url)), folder);
        const x = noiseImages(1, size);
        yield await measureFirstRun({ benchmark: id, network, backend, folder, x }, options);
      } finally {
        temporary.remove();
      }
    },
  };
}

export const firstRuns: readonly Benchmark[] = ['resnet50', 'resnext50-32x4d', 'vit-b-16'].map(firstRun);
