import { AdaptivePool, AvgPool, MaxPool } from '../attributes.js';

/** Functions of the neighbourhood of a pixel. */
export const windows = {
  max_pool2d: MaxPool,
  avg_pool2d: AvgPool,
  adaptive_avg_pool2d: AdaptivePool,
} as const;
