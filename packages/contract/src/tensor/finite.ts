import type { HostTensor, Stages } from '../domain/index.js';

/** The largest finite float32. */
const MAX_FLOAT32 = (2 - 2 ** -23) * 2 ** 127;

/** Whether every value is a number, and still one in float32. */
export function isFiniteInFloat32(data: HostTensor['data']): boolean {
  for (let i = 0; i < data.length; i++) if (!(Math.abs(data[i]!) <= MAX_FLOAT32)) return false;
  return true;
}

/** The names of the stages that hold NaN or ±∞. */
export function nonFiniteStages(stages: Stages): string[] {
  return Object.keys(stages).filter((name) => {
    const { data } = stages[name]!;
    for (let i = 0; i < data.length; i++) if (!Number.isFinite(data[i])) return true;
    return false;
  });
}
