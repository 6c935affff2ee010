import type { LeafType } from '@touchstone/contract';
import type { Variable } from '../autograd/variable.js';
import { atPath } from './at-path.js';
import { leaves, type LeafContext } from './leaves.js';
import { Module } from './module.js';

/** A layer of the format, such as a Conv2d. */
export class LeafModule extends Module {
  readonly isLeaf = true;
  readonly #run: (x: Variable) => Variable;

  constructor(path: string, type: LeafType, attributes: Record<string, unknown>, context: LeafContext) {
    super(path, type);
    const { forward } = leaves[type] as {
      forward: (x: Variable, attributes: unknown, context: LeafContext) => Variable;
    };
    this.#run = (x) => forward(x, attributes, context);
  }

  protected override forward([x]: readonly Variable[]): Variable {
    return atPath(this.path, () => this.#run(x!));
  }
}
