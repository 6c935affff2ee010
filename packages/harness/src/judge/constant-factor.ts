import type { HostTensor } from '@touchstone/contract';

/** The c for which c·right is nearest to the answer, by least squares; null: there is none, or it is 0. */
export function constantFactor({ data: answer }: HostTensor, { data: right }: HostTensor): number | null {
  let [product, square] = [0, 0];
  for (const [i, value] of right.entries()) {
    product += (answer[i] ?? NaN) * value;
    square += value * value;
  }
  const factor = product / square;
  return Number.isFinite(factor) && factor !== 0 ? factor : null;
}
