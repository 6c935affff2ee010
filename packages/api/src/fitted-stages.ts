import { fitted } from '@touchstone/cli';
import type { Stages } from '@touchstone/contract';
import { shaped, type Layout, type ReadValues } from './values.js';

/** What a program gave as stages, in the shapes that they must have. @throws TouchstoneError as `fitted` */
export function fittedStages(given: Readonly<Record<string, ReadValues>>, golden: Stages, layout: Layout): Stages {
  const known = Object.entries(given).map(([name, values]) => [
    name,
    shaped(values, golden[name]?.shape ?? [], layout),
  ]);
  return fitted(Object.fromEntries(known) as Stages, golden, layout);
}
