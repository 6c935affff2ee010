/** Rows of each kind for tests, with everything that may be missing missing. */
import type { BestRow, MethodRow, SweepRow } from '../benchmark.js';
import type { Versions } from '../versions.js';

export const versions: Versions = {
  machine: 'm',
  node: 'v20',
  tfjs: '4.22.0',
  device: 'd',
  torch: null,
  captum: null,
  load: 1,
  controlMs: 2,
};

const common = {
  network: 'vgg11-64',
  backend: 'wasm',
  batch: 1,
  imagesPerSecond: 10,
  milliseconds: [100],
  peakBytes: null,
  software: null,
  verified: 'yes',
  notes: [],
  versions,
};

export function methodRow(changed: Partial<MethodRow> = {}): MethodRow {
  return { kind: 'method', benchmark: 'saliency', ...common, firstRunMs: 1, processorMilliseconds: null, ...changed };
}

export function sweepRow(changed: Partial<SweepRow> = {}): SweepRow {
  return {
    kind: 'sweep',
    benchmark: 'smooth-grad',
    ...common,
    samples: 4,
    firstRunMs: 1,
    stockImagesPerSecond: null,
    pytorchImagesPerSecond: null,
    channelsLastImagesPerSecond: null,
    captumImagesPerSecond: null,
    ratio: null,
    pytorchRatio: null,
    channelsLastRatio: null,
    captumRatio: null,
    engineShare: 0.1,
    machineShare: 0.1,
    ...changed,
  };
}

export function bestRow(changed: Partial<BestRow> = {}): BestRow {
  return { kind: 'best', benchmark: 'smooth-grad-best', ...common, samples: 50, pool: null, auto: null, ...changed };
}
