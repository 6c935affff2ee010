import { describeMismatch, type Judgement } from '@touchstone/contract';
import type { Layout } from '@touchstone/port';

/** A shape of ours, as the port's author reads it. */
export function shapeInLayout(shape: readonly number[], layout: Layout = 'NCHW'): readonly number[] {
  const [n, c, h, w] = shape as [number, number, number, number];
  return layout === 'NHWC' && shape.length === 4 ? [n, h, w, c] : shape;
}

/** As `describeMismatch`, with shapes in the layout of the port. */
export function mismatchInLayout(judgement: Judgement, layout: Layout = 'NCHW'): string[] {
  const { mismatch } = judgement;
  if (mismatch === null || layout === 'NCHW') return describeMismatch(judgement);
  const shape = {
    got: shapeInLayout(mismatch.shape.got, layout),
    golden: shapeInLayout(mismatch.shape.golden, layout),
  };
  const lines = describeMismatch({ ...judgement, mismatch: { ...mismatch, shape } });
  return judgement.check === 'shape' ? lines.map((line) => `${line} (NHWC)`) : lines;
}
