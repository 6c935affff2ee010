/** Faults of functions that resize and pad maps. */
import type { NetworkDescription, OpAttributes } from '@touchstone/contract';
import { remedy, type Mutant } from '../core/mutant.js';
import { onChangedNetwork } from './changed-network.js';
import { withCalls, type FunctionCall } from './descriptions.js';

type Resize = OpAttributes<'interpolate'>;

/** Where corners can be aligned; null elsewhere. */
function resizeOf({ op, attributes }: FunctionCall): Resize | null {
  return op === 'interpolate' && ['bilinear', 'bicubic'].includes((attributes as Resize).mode)
    ? (attributes as Resize)
    : null;
}

/**
 * Output pixel i is at i·from/to instead of (i + ½)·from/to − ½: with one more row and column, and the corners of that
 * aligned.
 */
function onLegacyGrid(call: FunctionCall): readonly FunctionCall[] | null {
  const resize = resizeOf(call);
  if (resize === null || resize.alignCorners) return null;
  const size = resize.size.map((pixels) => pixels + 1);
  const [grown, resized] = [`${call.name} grown`, `${call.name} resized`];
  const padding = (sides: number[], mode: string) => ({ op: 'pad', attributes: { padding: sides, mode, value: 0 } });
  return [
    { name: grown, args: call.args, ...padding([0, 1, 0, 1], 'replicate') },
    {
      ...call,
      name: resized,
      args: [grown],
      attributes: { ...resize, size, scales: null, alignCorners: true },
    },
    { name: call.name, args: [resized], ...padding([0, -1, 0, -1], 'constant') },
  ];
}

const changing = (
  id: string,
  fault: string,
  how: Parameters<typeof remedy>,
  change: (call: FunctionCall) => readonly FunctionCall[] | null,
): Mutant =>
  onChangedNetwork(id, fault, remedy(...how), ['saliency', 'grad-cam'], {
    description: (description: NetworkDescription) => withCalls(description, change),
  });

export const windowMutants: readonly Mutant[] = [
  changing(
    'corners-aligned',
    'maps inside the network are resized with align_corners the other way',
    [
      'Align corners where the network does, and nowhere else',
      'tf.image.resizeBilinear(x, size, alignCorners, !alignCorners)',
      "F.interpolate(x, size, mode='bilinear', align_corners=align_corners)",
    ],
    (call) => {
      const resize = resizeOf(call);
      return resize && [{ ...call, attributes: { ...resize, alignCorners: !resize.alignCorners } }];
    },
  ),
  changing(
    'upsampling-legacy-grid',
    'maps inside the network are resized from the upper left corner, as TensorFlow 1 did',
    [
      'Resize maps inside the network with half-pixel centres',
      'tf.image.resizeBilinear(x, size, false, true)',
      "F.interpolate(x, size, mode='bilinear', align_corners=False)",
    ],
    onLegacyGrid,
  ),
  changing(
    'padding-with-zeros',
    'maps are padded with zeros instead of values of their own',
    [
      'Pad with the values that the padding mode names',
      "tf.mirrorPad(x, padding, 'reflect')",
      "F.pad(x, padding, mode='reflect')",
    ],
    (call) =>
      call.op === 'pad' && call.attributes['mode'] !== 'constant'
        ? [{ ...call, attributes: { ...call.attributes, mode: 'constant', value: 0 } }]
        : null,
  ),
];
