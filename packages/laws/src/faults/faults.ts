import { findMethod, mutants } from '@touchstone/methods';
import { averageFaults } from './average-faults.js';
import type { Fault } from './fault.js';
import { gradientFaults } from './gradient-faults.js';
import { mapFaults } from './map-faults.js';

/** The mutants of the registry. */
const ofRegistry = mutants.map(({ id, fault, of, explain }): Fault => ({
  id,
  fault,
  of,
  spoil: (right) => ({
    ...right,
    explain: (method, explanation) =>
      of.includes(method) ? explain(findMethod(method), explanation) : right.explain(method, explanation),
  }),
}));

/** All that laws are held against, by id. */
export const faults: readonly Fault[] = [...ofRegistry, ...gradientFaults, ...averageFaults, ...mapFaults];
