/** Faults in what a port returns. */
import type { HostTensor } from '@touchstone/contract';
import { isHalf } from '../judge/coarse-values.js';
import { constantFactor } from '../judge/constant-factor.js';
import { firstRepeated, mapped, mappedPerImage, misread, permuted, readAs, reshaped, reversed } from './rearranged.js';
import type { Layout } from '@touchstone/port';
import type { Suspect } from './suspect.js';

const [channelsLast, transposed] = [
  [0, 2, 3, 1],
  [0, 1, 3, 2],
];
const heightFirst = 'Give height before width: [N,C,H,W].';
const eachImage = 'Explain each image of the batch, with its own class.';
const raw = 'Return the values of the formula; scale them only where you draw.';

/** The axes as the port's author calls them. */
export const answerSuspects = (layout: Layout): readonly Suspect[] =>
  layout === 'NCHW' ? ofNchw : [...ofNhwc, ...ofNchw.map(inNhwc)];

const ofNhwc: readonly Suspect[] = [
  {
    says: 'the layout NHWC is declared, but [N,C,H,W] is returned',
    remedy: "Return [N,H,W,C] with the channels last, or leave out layout: 'NHWC'.",
    answer: (right) => permuted(right, [0, 3, 1, 2]),
  },
  {
    says: 'the shape is [N,W,H,C]',
    remedy: 'Give height before width: [N,H,W,C].',
    answer: (right) => permuted(right, transposed),
  },
];

/** What remains after them loses or rearranges values, which is said of the layout that is declared. */
function inNhwc({ says, remedy, ...rest }: Suspect): Suspect {
  const names = { '[N,C,H,W]': '[N,H,W,C]', '[N,1,H,W]': '[N,H,W,1]' };
  const renamed = (text: string): string =>
    Object.entries(names).reduce((changed, [ours, theirs]) => changed.replaceAll(ours, theirs), text);
  const mentionsBoth = /NHWC|\[N,H,W,C\]/.test(says + remedy);
  return { ...rest, says: mentionsBoth ? says : renamed(says), remedy: mentionsBoth ? remedy : renamed(remedy) };
}

/** Those with another shape come first. */
const ofNchw: readonly Suspect[] = [
  {
    says: 'the shape is [N,H,W,C], with the values in that order',
    remedy: 'Return [N,C,H,W], or declare the layout NHWC.',
    answer: (right) => permuted(right, channelsLast),
  },
  { says: 'the shape is [N,C,W,H]', remedy: heightFirst, answer: (right) => permuted(right, transposed) },
  {
    says: 'the shape is [N,W,H,C]',
    remedy: `${heightFirst} Or declare the layout NHWC, and return [N,H,W,C].`,
    answer: (right) => permuted(right, [0, 3, 2, 1]),
  },
  {
    says: 'the batch dimension is lost: there is one image only',
    remedy: eachImage,
    answer: (right) => images(right, 1),
  },
  {
    says: 'the batch dimension is lost: there is one image only, without its axis',
    remedy: eachImage,
    answer: (right) => reshaped(images(right, 1), right.shape.slice(1)),
  },
  {
    says: 'the axis of the channels is lost: [N,H,W]',
    remedy: 'Keep the axis of one channel: [N,1,H,W].',
    answer: (right) =>
      right.shape[1] === 1 && right.shape.length === 4
        ? reshaped(right, [right.shape[0]!, ...right.shape.slice(2)])
        : null,
  },
  {
    says: 'each image is flattened to a row',
    remedy: 'Return the shape that docs/formats.md has for the stage.',
    answer: (right) => reshaped(right, [right.shape[0]!, right.data.length / right.shape[0]!]),
  },
  {
    says: 'everything is flattened to one row',
    remedy: 'Return the shape that docs/formats.md has for the stage.',
    answer: (right) => reshaped(right, [right.data.length]),
  },
  {
    says: 'the port answers zeros',
    remedy: 'Check that the gradient reaches what you differentiate, and that you read it after the backward pass.',
    answer: (right) => mapped(right, () => 0),
  },
  {
    says: 'the values are in the order [N,H,W,C] under the shape [N,C,H,W]',
    remedy: 'Transpose the values before you return them, or declare the layout NHWC and return that shape.',
    answer: (right) => misread(right, channelsLast),
  },
  {
    says: 'rows and columns are exchanged, under the right shape',
    remedy: heightFirst,
    answer: (right) => misread(right, transposed),
  },
  {
    says: 'the values were taken for [N,H,W,C] and transposed once too often',
    remedy: 'Return the layout that the port declares, without a conversion of your own.',
    answer: (right) => readAs(right, channelsLast),
  },
  {
    says: 'the rows are upside down',
    remedy: 'Keep the first row at the top.',
    answer: (right) => (right.shape.length === 4 ? reversed(right, 2) : null),
  },
  {
    says: 'the columns are mirrored',
    remedy: 'Keep the first column at the left.',
    answer: (right) => (right.shape.length === 4 ? reversed(right, 3) : null),
  },
  {
    says: 'the channels are in the opposite order',
    remedy: "Keep the order of the network's channels, such as RGB.",
    answer: (right) => (right.shape[1]! > 1 ? reversed(right, 1) : null),
  },
  {
    says: 'the images of the batch are in the opposite order',
    remedy: 'Return the images in the order in which they were given.',
    answer: (right) => reversed(right, 0),
  },
  { says: 'every image has the answer of the first', remedy: eachImage, answer: firstRepeated },
  {
    says: 'the sign is wrong',
    remedy: 'Differentiate the score, not its negative.',
    answer: (right) => mapped(right, (v) => -v),
  },
  { says: 'values are absolute', remedy: raw, answer: (right) => mapped(right, Math.abs) },
  { says: 'negative values are cut off', remedy: raw, answer: (right) => mapped(right, (v) => Math.max(v, 0)) },
  {
    says: 'each image is scaled to its minimum and maximum',
    remedy: raw,
    answer: (right) =>
      mappedPerImage(right, (values) => {
        const [low, high] = [Math.min(...values), Math.max(...values)];
        return (value) => (high > low ? (value - low) / (high - low) : 0);
      }),
  },
  {
    says: 'each image is divided by its largest value',
    remedy: raw,
    answer: (right) =>
      mappedPerImage(right, (values) => {
        const top = Math.max(...values.map(Math.abs));
        return (value) => value / (top || 1);
      }),
  },
  {
    says: 'values are rounded to whole numbers',
    remedy: 'Return float32, not an image of bytes.',
    answer: (right) => mapped(right, Math.round),
  },
  {
    says: 'values have half precision',
    remedy: 'Compute in float32.',
    answer: (right, got) => (isHalf(right, got) ? got : null),
  },
  {
    says: 'the mean over the batch is differentiated, not the sum',
    remedy: 'Sum the scores of the images before the backward pass: their mean divides each gradient by N.',
    answer: (right) => mapped(right, (value) => value / right.shape[0]!),
  },
];

/** A constant factor, measured on one answer by least squares: it is named after all others. */
export function factorSuspects(right: HostTensor, got: HostTensor): Suspect[] {
  if (right.data.length !== got.data.length) return [];
  const factor = constantFactor(got, right);
  if (factor === null) return [];
  const says = `the answer is ${Number(factor.toPrecision(4))} times the right one`;
  return [{ says, remedy: raw, answer: (tensor) => mapped(tensor, (value) => factor * value) }];
}

function images({ shape, data }: HostTensor, count: number): HostTensor {
  return { shape: [count, ...shape.slice(1)], data: data.slice(0, (data.length / shape[0]!) * count) };
}
