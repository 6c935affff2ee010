import { z } from 'zod';

/** The greatest grey level of an 8-bit image. */
const WHITE = 255;

const Side = z.number().int().min(1).max(4096);

const fields = z.strictObject({
  /** The shorter side after resizing, in pixels. */
  resize: Side,
  /** [height,width] of the centre that is kept. */
  crop: z.tuple([Side, Side]),
  /** Left out: bicubic. */
  interpolation: z.enum(['bilinear', 'bicubic', 'nearest']).optional(),
  /** Whether the filter widens with the factor by which the image shrinks, as Pillow's does. Left out: true. */
  antialias: z.boolean().optional(),
  /** Of the network's channels. Left out: RGB. */
  channelOrder: z.enum(['RGB', 'BGR']).optional(),
  /** The units of mean and std: the values of black and white. Left out: 0-255. */
  scale: z.enum(['0-1', '0-255']).optional(),
  /** For each channel, in the network's order. */
  mean: z.array(z.number()).min(1).max(4),
  std: z
    .array(
      z
        .number()
        .positive()
        .refine((value) => Math.fround(value) > 0 && Math.fround(value) < Infinity, 'must be more than 0 in float32'),
    )
    .min(1)
    .max(4),
});

/**
 * How an image becomes the network's input: shorter side to `resize`, centre crop, `(pixel − mean) / std`; see
 * docs/formats.md.
 */
export const Preprocess = fields.superRefine((given, { addIssue }) => {
  const message = faultOfScale(given);
  if (message !== undefined) addIssue({ code: 'custom', path: ['scale'], message });
});
export type Preprocess = z.infer<typeof Preprocess>;

/** Why mean and std can only be in other units than those of `scale`. */
function faultOfScale({ scale, mean, std }: z.infer<typeof fields>): string | undefined {
  const isSmall = [...mean, ...std].every((value) => Math.abs(value) <= 1);
  if (scale === '0-1') return isSmall ? undefined : 'mean and std above 1 are for pixels from 0 to 255: write "0-255"';
  const isIdentity = mean.every((value) => value === 0) && std.every((value) => value === 1);
  const isMeantForUnit = (isSmall && !isIdentity) || std.every((value) => value < 1);
  if (!isMeantForUnit) return undefined;
  const assumed = scale ? '' : ', and without "scale" pixels are 0 to 255';
  return `mean and std are for pixels from 0 to 1${assumed}: write "0-1"`;
}

/** Mean and std of grey levels from 0 to 255, for each channel of the network. */
export function normalisationOfLevels({ scale, mean, std }: Preprocess): { mean: number[]; std: number[] } {
  const levels = (values: number[]): number[] => (scale === '0-1' ? values.map((value) => value * WHITE) : values);
  return { mean: levels(mean), std: levels(std) };
}
