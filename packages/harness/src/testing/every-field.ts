import type { Outcome } from '@touchstone/contract';

interface Fields {
  readonly stage: string | null;
  readonly check: string | null;
  readonly code: string | null;
  readonly e2: number | null;
  readonly allowed: number | null;
  readonly allowedMax: number | null;
  readonly ratio: number | null;
  readonly peakBytes: number | null;
}
const none: Fields = {
  stage: null,
  check: null,
  code: null,
  e2: null,
  allowed: null,
  allowedMax: null,
  ratio: null,
  peakBytes: null,
};

/** An outcome with null for each field that its status does not have, so that rows of a table can compare them. */
export function everyField<T extends Partial<Outcome>>(outcome: T): Omit<T, keyof Fields> & Fields {
  return { ...none, ...outcome } as Omit<T, keyof Fields> & Fields;
}
