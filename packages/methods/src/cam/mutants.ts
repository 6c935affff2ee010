import type { HostTensor } from '@touchstone/contract';
import { spoilingStages, type Mutant } from '../core/mutant.js';

const scaled = ({ shape, data }: HostTensor, factor: number): HostTensor => ({
  shape,
  data: data.map((value) => value * factor),
});
const rectified = ({ shape, data }: HostTensor): HostTensor => ({
  shape,
  data: data.map((value) => Math.max(0, value)),
});

export const camMutants: readonly Mutant[] = [
  spoilingStages('cam-channel-mean', 'mean over channels instead of the sum', 'cam', (stages) => ({
    ...stages,
    attribution: scaled(stages['attribution']!, 1 / stages['activations']!.shape[1]!),
  })),
  spoilingStages('cam-rectified', "Grad-CAM's ReLU on the map, which CAM does not have", 'cam', (stages) => ({
    ...stages,
    attribution: rectified(stages['attribution']!),
  })),
];
