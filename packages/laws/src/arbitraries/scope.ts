/** A container of a generated network, while its calls are written. */
import type { ContainerDescription } from '@touchstone/contract';
import type { Shape } from './fit.js';

/**
 * Whether the backward pass needs a value unchanged: PyTorch refuses a backward pass if it was changed in place since.
 */
interface Memory {
  fixed: boolean;
}

/** A container being written. */
export class Scope {
  readonly path: string;
  readonly calls: ContainerDescription['calls'] = [];
  readonly weights: Record<string, number[]> = {};
  value = 'x';
  shape: Shape;
  memory: Memory;

  constructor(path: string, shape: Shape, memory: Memory = { fixed: false }) {
    this.path = path;
    this.shape = shape;
    this.memory = memory;
  }

  child(name: string): string {
    return this.path === '' ? name : `${this.path}.${name}`;
  }

  call(name: string, module: string): void {
    this.calls.push({ name, module, args: [this.value] });
    this.value = name;
  }

  op(name: string, op: string, attributes: Record<string, unknown>, args = [this.value]): void {
    this.calls.push({ name, op, args, attributes });
    this.value = name;
  }

  /** An operation computed the current value; it may have kept its input, or keep its output, for the backward pass. */
  made({ keepsInput = false, keepsOutput = false }): void {
    if (keepsInput) this.memory.fixed = true;
    this.memory = { fixed: keepsOutput };
  }

  container(type: string): ContainerDescription {
    const weights = Object.keys(this.weights).length > 0 ? { weights: this.weights } : {};
    return { type, inputs: ['x'], ...weights, calls: this.calls, output: this.value };
  }
}
