/** Faults of a network's layers: they spoil the answer of a method that is right itself. */
import type { LeafAttributes } from '@touchstone/contract';
import { shapesOf } from '@touchstone/network';
import { remedy, type Mutant, type Remedy } from '../core/mutant.js';
import { onChangedNetwork } from './changed-network.js';
import { paddedBefore, withAttributes, withTypes, type Margins } from './descriptions.js';
import { ofImages } from './lists.js';

type Attributes = Readonly<Record<string, unknown>>;
type Average = LeafAttributes<'AvgPool2d'>;

const padding = (attributes: Attributes): [number, number] => attributes['padding'] as [number, number];
const isPadded = (attributes: Attributes): boolean => padding(attributes).some((size) => size > 0);

/** No quick case of hires-cam has batch norm. */
const withBatchNorm = ofImages.filter((method) => method !== 'hires-cam');

/** How an average pool counts its padding, where that makes a difference. */
const counting = (id: string, fault: string, remedy: Remedy, countIncludePad: boolean): Mutant =>
  onChangedNetwork(id, fault, remedy, ['saliency', 'activations'], {
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
    remedy(
      "Set batch norm's ε to that of the network",
      'tf.layers.batchNormalization({ epsilon: 1e-5 })',
      'nn.BatchNorm2d(channels, eps=1e-5)',
    ),
    withBatchNorm,
    {
      description: (description) =>
        withAttributes(description, (kind, attributes) =>
          kind === 'BatchNorm2d' ? { ...attributes, eps: attributes['eps'] === 1e-3 ? 1e-5 : 1e-3 } : null,
        ),
    },
  ),
  onChangedNetwork(
    'max-pool-zero-padding',
    'max pooling pads with 0 instead of −∞',
    remedy(
      'Pad max pools with −∞',
      "tf.pad(x, padding, -Infinity), then tf.maxPool(…, 'valid')",
      'F.max_pool2d(x, size, stride, padding)',
    ),
    ['saliency', 'grad-cam'],
    {
      description: (description) =>
        paddedBefore(description, (kind, attributes) => {
          const [rows, columns] = padding(attributes) ?? [0, 0];
          return kind === 'MaxPool2d' && isPadded(attributes) ? [columns, columns, rows, rows] : null;
        }),
    },
  ),
  onChangedNetwork(
    'same-padding',
    'convolutions with a stride are padded as "SAME", more at the end, instead of equally at both sides',
    remedy(
      'Pad equally at both sides',
      "tf.pad(x, padding), then tf.conv2d(…, 'valid')",
      'F.conv2d(x, w, padding=padding)',
    ),
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
  counting(
    'padding-not-counted',
    "an average pool's padding is not counted, as in TensorFlow.js",
    remedy(
      'Count the padding of average pools',
      "tf.pad(x, padding), then tf.avgPool(…, 'valid')",
      'nn.AvgPool2d(size, count_include_pad=True)',
    ),
    false,
  ),
  counting(
    'padding-counted',
    "an average pool's padding is counted, although count_include_pad is false",
    remedy(
      'Leave the padding of average pools uncounted',
      "tf.avgPool(x, size, stride, 'same')",
      'nn.AvgPool2d(size, count_include_pad=False)',
    ),
    true,
  ),
  onChangedNetwork(
    'divisor-ignored',
    'an average pool divides by the size of its window instead of divisor_override',
    remedy(
      'Divide by divisor_override',
      'pooled.mul(windowSize / divisor)',
      'nn.AvgPool2d(size, divisor_override=divisor)',
    ),
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
    remedy(
      'Pad the end with −∞ for partial windows',
      "tf.pad(x, padding, -Infinity), then tf.maxPool(…, 'valid')",
      'nn.MaxPool2d(size, stride, ceil_mode=True)',
    ),
    ['saliency', 'grad-cam'],
    {
      description: (description) =>
        withAttributes(description, (_, attributes) =>
          attributes['ceilMode'] === true ? { ...attributes, ceilMode: false } : null,
        ),
    },
  ),
  onChangedNetwork(
    'relu6-unbounded',
    'ReLU6 is taken for ReLU: nothing is bounded at 6',
    remedy('Bound ReLU6 at 6', 'tf.relu6(x)', 'F.relu6(x)'),
    ['saliency', 'smooth-grad', 'guided-backprop', 'deconv'],
    { description: (description) => withTypes(description, { ReLU6: 'ReLU' }, { relu6: 'relu' }) },
  ),
];
