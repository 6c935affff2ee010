/** Checks what hooks return: the errors name the hook, its module or tensor, and both shapes. */
import * as tf from '@tensorflow/tfjs-core';
import { TouchstoneError } from '@touchstone/contract';
import { nchwShape } from '../layout.js';
import { Variable } from './variable.js';

/** `a forward hook "capture" of "features.8" (Conv2d)`; the name is left out where the function has none. */
export function hookAt(kind: string, { name }: { readonly name: string }, place: string): string {
  return `a ${kind} hook ${name === '' ? '' : `"${name}" `}${place}`;
}

/** @param at the hook, from `hookAt` */
export function wrongReturn(at: string, expected: string, got: unknown): TouchstoneError {
  const hint =
    got instanceof Promise
      ? 'Use a synchronous function: an async one returns a Promise.'
      : 'Return undefined to replace nothing.';
  return new TouchstoneError('usage', `${at} returned ${described(got)}; expected nothing, or ${expected}`, hint);
}

/** @param before the gradient that `returned` replaces; null: any shape */
export function checkGradient(at: string, returned: unknown, before: tf.Tensor | null): void {
  if (returned instanceof tf.Tensor && (!before || returned.shape.join() === before.shape.join())) return;
  throw wrongReturn(at, before ? `a gradient: a tensor ${ofShape(before.shape)}` : 'a gradient: a tensor', returned);
}

/** In NCHW, as PyTorch shows it. */
export function ofShape(shape: readonly number[]): string {
  return `of shape [${nchwShape(shape).join(',')}]`;
}

function described(got: unknown): string {
  if (got instanceof tf.Tensor) return `a tensor ${ofShape(got.shape)}`;
  if (got instanceof Variable) return `a Variable ${ofShape(got.shape)}`;
  if (Array.isArray(got)) return `an array of ${got.length}`;
  if (got instanceof Promise) return 'a Promise';
  return got === null || got === undefined ? String(got) : `a value of type ${typeof got}`;
}
