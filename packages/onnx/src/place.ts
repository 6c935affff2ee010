import type { HostTensor } from '@touchstone/contract';
import type { Operation } from '@touchstone/network';
import type { Graph } from './graph.js';

/** An operation of a network, and where in the graph it goes. */
export interface Place<T extends Operation['type']> {
  readonly graph: Graph;
  readonly operation: Extract<Operation, { type: T }>;
  /** Names of the inputs. */
  readonly inputs: readonly string[];
  /** The name of the value that the operation gives. */
  readonly to: string;
  /** One of the module's own weights as a constant of the graph. */
  readonly weight: (own: string) => string;
  /** Any module's tensor, by its `state_dict` name, as a constant of the graph. */
  readonly tensor: (name: string) => string;
}

export function scalar(value: number): HostTensor {
  return { shape: [], data: Float32Array.of(value) };
}
