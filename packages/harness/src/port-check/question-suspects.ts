/** Faults in what a port reads: a job is answered rightly, but it is not the one that was asked. */
import { logitClasses, valuesIn, type HostTensor } from '@touchstone/contract';
import { mapWeights, type Probe } from './probes.js';
import { mapped, misread, readAs, reshaped, reversed } from './rearranged.js';
import type { Suspect } from './suspect.js';

const channelsLast = [0, 2, 3, 1];
const images = 'Read x as [N,C,H,W], or declare the layout NHWC and read [N,H,W,C].';
const kernels = 'Read convolution weights as [out, in, height, width]; for TF.js use permute([2, 3, 1, 0]).';

export const questionSuspects: readonly Suspect[] = [
  ...['abs-max', 'abs-sum', 'none'].map((reduce): Suspect => ({
    says: `params.reduce is ignored: the answer is always that of "${reduce}"`,
    remedy: 'Follow params.reduce: jobs of one method ask for different values.',
    question: (probe) => ('reduce' in probe.params ? { ...probe, params: { ...probe.params, reduce } } : null),
  })),
  ofClasses('class 0 is explained in place of the target', () => 0),
  ofClasses('the class of the first image is explained for every image', (classes) => classes[0]!),
  ofClasses('the class after the target is explained', (classes, i) => classes[i]! + 1),
  ofClasses('the class before the target is explained', (classes, i) => classes[i]! - 1),
  {
    says: 'the likeliest class is explained in place of the target',
    remedy: 'Take the class of job.target.',
    question: (probe) => ({ ...probe, target: 'likeliest' }),
  },
  ofImages('the images are read as [N,H,W,C]', images, (x) => readAs(x, channelsLast)),
  ofImages('the images are transposed once too often', images, (x) => misread(x, channelsLast)),
  ofImages('rows and columns of the images are exchanged', 'Read height before width: [N,C,H,W].', (x) =>
    readAs(x, [0, 1, 3, 2]),
  ),
  ofImages('the channels of the images are read in the opposite order', 'Keep the order of the channels.', (x) =>
    reversed(x, 1),
  ),
  ofImages('the images are not read: they are zeros', 'Give the network job.x.', (x) => mapped(x, () => 0)),
  ofImages('the images are divided by 255', 'Take x as it is: it is preprocessed.', (x) => mapped(x, (v) => v / 255)),
  {
    says: "Linear's columns are in the order [H,W,C]",
    remedy: 'Permute the map to [N,C,H,W] before you flatten it, or the columns of the Linear after it.',
    question: columnsRead,
  },
  ofWeights("Linear's weight is read as [in, out]", 'Read it as [out, in].', 2, (weight) => readAs(weight, [1, 0])),
  ofWeights('kernels are read as [height, width, in, out]', kernels, 4, (weight) => readAs(weight, [2, 3, 1, 0])),
  ofWeights('kernels are read as [out, height, width, in]', kernels, 4, (weight) => readAs(weight, channelsLast)),
  ofWeights('rows and columns of kernels are exchanged', kernels, 4, (weight) => readAs(weight, [0, 1, 3, 2])),
  ofWeights('kernels are rotated by 180 degrees', 'Correlate, as PyTorch does: do not flip kernels.', 4, (weight) =>
    turned(weight),
  ),
  {
    says: 'biases are not loaded',
    remedy: 'Load every tensor of weights.safetensors.',
    question: (probe) => ({
      ...probe,
      weights: Object.fromEntries(
        Object.entries(probe.weights).map(([name, tensor]) => [
          name,
          name.endsWith('.bias') ? mapWeights({ name: tensor }, () => 0)['name']! : tensor,
        ]),
      ),
    }),
  },
];

/** The class of each image; null: the target is not a class. */
export function classesOf({ target, x }: Probe): number[] | null {
  const asked = target === 'likeliest' ? null : logitClasses(target);
  if (asked === null) return null;
  return Array.isArray(asked) ? [...asked] : Array.from({ length: x.shape[0]! }, () => asked);
}

function ofClasses(says: string, change: (classes: readonly number[], image: number) => number): Suspect {
  const question = (probe: Probe): Probe | null => {
    const classes = classesOf(probe);
    return classes && { ...probe, target: { class: classes.map((_, i) => change(classes, i)) } };
  };
  return { says, remedy: 'Take the class of job.target, counted from 0; a list has one for each image.', question };
}

function ofImages(says: string, remedy: string, change: (x: HostTensor) => HostTensor | null): Suspect {
  const question = (probe: Probe): Probe | null => {
    const x = change(probe.x);
    return x && { ...probe, x: { shape: x.shape, data: Float32Array.from(x.data) } };
  };
  return { says, remedy, question };
}

/** Of every weight with that many axes. */
function ofWeights(
  says: string,
  remedy: string,
  axes: number,
  change: (weight: HostTensor) => HostTensor | null,
): Suspect {
  const question = (probe: Probe): Probe => {
    const changed = Object.entries(probe.weights).map(([name, tensor]) => {
      const other = tensor.shape.length === axes ? change(tensor) : null;
      return [name, other ? { shape: tensor.shape, data: Float32Array.from(other.data) } : tensor] as const;
    });
    return { ...probe, weights: Object.fromEntries(changed) };
  };
  return { says, remedy, question };
}

function turned(kernel: HostTensor): HostTensor {
  return reversed(reversed(kernel, 2)!, 3)!;
}

/** Of the map [C,H,W] before it, flattened in the order [H,W,C]. */
function columnsRead(probe: Probe): Probe | null {
  const weight = probe.weights['head.weight']!;
  if (weight.data.length !== weight.shape[0]! * valuesIn(probe.maps)) return null;
  const columns = readAs(reshaped(weight, [weight.shape[0]!, ...probe.maps]), channelsLast)!;
  const read = { shape: weight.shape, data: Float32Array.from(columns.data) };
  return { ...probe, weights: { ...probe.weights, 'head.weight': read } };
}
