/** Faults of a network's layers: they spoil the answer of a method that is right itself. */
import type { LeafAttributes } from '@touchstone/contract';
import { shapesOf } from '@touchstone/network';
import type { Mutant } from '../core/mutant.js';
import { onChangedNetwork } from './changed-network.js';
import { paddedBefore, withAttributes, type Margins } from './descriptions.js';
import { ofImages } from './lists.js';

type Attributes = Readonly<Record<string, unknown>>;
type Average = LeafAttributes<'AvgPool2d'>;

const padding = (attributes: Attributes): [number, number] => attributes['padding'] as [number, number];
const isPadded = (attributes: Attributes): boolean => padding(attributes).some((size) => size > 0);

/** No quick case of hires-cam has batch norm. */
const withBatchNorm = ofImages.filter((method) => method !== 'hires-cam');

/** How an average pool counts its padding, where that makes a difference. */
const counting = (id: string, fault: string, countIncludePad: boolean): Mutant =>
  onChangedNetwork(id, fault, ['saliency', 'activations'], {
    description: (description) =>
      withAttributes(description, (kind, attributes) => {
        if (kind !== 'AvgPool2d' || !isPadded(attributes)) return null;
        const { divisorOverride, countIncludePad: right } = attributes as Average;
        return divisorOverride !== null || right === countIncludePad ? null : { ...attributes, countIncludePad };
      }),
  });

/** TensorFlow's SAME: as many windows as strides fit into the input, and the larger half of the zeros behind it. */
function same({ kernelSize, stride, dilation }: LeafAttributes<'Conv2d'>, size: readonly number[]): Margins {
  const total = [0, 1].map((i) => {
    const windows = Math.ceil(size[i]! / stride[i]!);
    return Math.max((windows - 1) * stride[i]! + dilation[i]! * (kernelSize[i]! - 1) + 1 - size[i]!, 0);
  });
  const [top, left] = total.map((zeros) => Math.floor(zeros / 2)) as [number, number];
  return [left, total[1]! - left, top, total[0]! - top];
}

export const layerMutants: readonly Mutant[] = [
  onChangedNetwork(
    'batch-norm-epsilon',
    "batch norm has another library's ε: Keras has 1e-3, PyTorch 1e-5",
    withBatchNorm,
    {
      description: (description) =>
        withAttributes(description, (kind, attributes) =>
          kind === 'BatchNorm2d' ? { ...attributes, eps: attributes['eps'] === 1e-3 ? 1e-5 : 1e-3 } : null,
        ),
    },
  ),
  onChangedNetwork('max-pool-zero-padding', 'max pooling pads with 0 instead of −∞', ['saliency', 'grad-cam'], {
    description: (description) =>
      paddedBefore(description, (kind, attributes) => {
        const [rows, columns] = padding(attributes) ?? [0, 0];
        return kind === 'MaxPool2d' && isPadded(attributes) ? [columns, columns, rows, rows] : null;
      }),
  }),
  onChangedNetwork(
    'same-padding',
    'convolutions with a stride are padded as "SAME", more at the end, instead of equally at both sides',
    ofImages,
    {
      description: (description, input) => {
        const sizes = new Map<string, readonly number[]>();
        shapesOf(description, input, ({ where, inputs }) => {
          if (!sizes.has(where)) sizes.set(where, inputs[0]!.slice(2));
        });
        return paddedBefore(description, (kind, attributes, path) => {
          if (kind !== 'Conv2d' || !isPadded(attributes) || !sizes.has(path)) return null;
          const settings = attributes as LeafAttributes<'Conv2d'>;
          return Math.max(...settings.stride) > 1 ? same(settings, sizes.get(path)!) : null;
        });
      },
    },
  ),
  counting('padding-not-counted', "an average pool's padding is not counted, as in TensorFlow.js", false),
  counting('padding-counted', "an average pool's padding is counted, although count_include_pad is false", true),
  onChangedNetwork(
    'divisor-ignored',
    'an average pool divides by the size of its window instead of divisor_override',
    ['saliency', 'activations', 'grad-cam'],
    {
      description: (description) =>
        withAttributes(description, (kind, attributes) =>
          kind === 'AvgPool2d' && attributes['divisorOverride'] !== null
            ? { ...attributes, divisorOverride: null }
            : null,
        ),
    },
  ),
  onChangedNetwork(
    'ceil-mode-ignored',
    'poolings leave out partial windows at the end, as without ceil_mode',
    ['saliency', 'grad-cam'],
    {
      description: (description) =>
        withAttributes(description, (_, attributes) =>
          attributes['ceilMode'] === true ? { ...attributes, ceilMode: false } : null,
        ),
    },
  ),
];
