/** Every method and every mutant, found by the folders that `folders.ts` lists. */
import { unknownName } from '@touchstone/contract';
import type { Method } from './core/method.js';
import type { Mutant } from './core/mutant.js';
import { folders } from './folders.js';
import { mutantsOfAnyMethod } from './mutants/any-method.js';
import { givenMutants } from './mutants/given.js';
import { functionMutants } from './mutants/functions.js';
import { layerMutants } from './mutants/layers.js';
import { windowMutants } from './mutants/windows.js';
import { outputMutants } from './mutants/outputs.js';
import { placeMutants } from './mutants/places.js';
import { ruleMutants } from './mutants/rules.js';
import { targetMutants } from './mutants/targets.js';
import { tokenMutants } from './mutants/tokens.js';
import { weightMutants } from './mutants/weights.js';

export const methods: readonly Method[] = folders.map(({ method }) => method as Method);

export const mutants: readonly Mutant[] = [
  ...folders.flatMap((folder): readonly Mutant[] => folder.mutants),
  ...targetMutants,
  ...placeMutants,
  ...givenMutants,
  ...layerMutants,
  ...windowMutants,
  ...functionMutants,
  ...ruleMutants,
  ...weightMutants,
  ...outputMutants,
  ...mutantsOfAnyMethod(methods),
  ...tokenMutants,
];

/** @throws `unknown-name` with the nearest */
export function findMethod(id: string): Method {
  const method = methods.find((known) => known.id === id);
  if (!method)
    throw unknownName(
      'method',
      id,
      methods.map((known) => known.id),
    );
  return method;
}
