/** What a step that is a function writes into a container. */
import type { OpName } from '@touchstone/contract';
import type { Shape } from './fit.js';

/** Where a step writes its calls. Values are named by what it returns. */
export interface Writer {
  call(op: OpName, args: readonly string[], attributes?: Readonly<Record<string, unknown>>): string;
  number(value: number): string;
  /** An Identity of this name, so that its value can be asked for as a layer. */
  layer(name: string, x: string): string;
  weight(shape: readonly number[], range?: 'any' | 'positive'): string;
}
/** The value after the step, and its shape [C,H,W] where it is another. */
export type Written = string | { readonly value: string; readonly shape: Shape };
/** @param a, b 0 to 11, for whatever the step may choose */
export type Write = (writer: Writer, x: string, shape: Shape, a: number, b: number) => Written;

export function pick<T>(choices: readonly T[], drawn: number): T {
  return choices[drawn % choices.length]!;
}
