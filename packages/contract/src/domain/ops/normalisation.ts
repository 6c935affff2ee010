import { z } from 'zod';
import { Size } from '../values.js';

const eps = z.number().min(0);
const overLast = { normalizedShape: z.array(Size.min(1)).min(1).max(8), eps };

/** By statistics that are stored (`batch_norm`) or those of each image. */
export const normalisation = {
  /** x, mean [C], variance [C] and, if there are some, weight [C] and bias [C] */
  batch_norm: z.strictObject({ eps }),
  /** x and, if there are some, weight and bias of the normalised shape */
  layer_norm: z.strictObject(overLast),
  rms_norm: z.strictObject(overLast),
  /** x [N,C,…] and, if there are some, weight [C] and bias [C] */
  group_norm: z.strictObject({ numGroups: Size.min(1), eps }),
  instance_norm: z.strictObject({ eps }),
  local_response_norm: z.strictObject({
    size: Size.min(1),
    alpha: z.number(),
    beta: z.number(),
    k: z.number(),
  }),
} as const;
