/** What hooks return, checked: the errors name the hook, where it sits, and both shapes. */
import * as tf from '@tensorflow/tfjs-core';
import { TouchstoneError } from '@touchstone/contract';
import { nchwShape } from '../layout.js';
import { Variable } from './variable.js';

/** `a forward hook "capture" of "features.8" (Conv2d)`; a function without a name is left out. */
export function hookAt(kind: string, { name }: { readonly name: string }, place: string): string {
  return `a ${kind} hook ${name === '' ? '' : `"${name}" `}${place}`;
}

/** @param at what gave it; see `hookAt` */
export function wrongReturn(at: string, expected: string, got: unknown): TouchstoneError {
  const hint =
    got instanceof Promise
      ? 'Hooks are synchronous: an async function returns a Promise.'
      : 'Return undefined to leave things as they are.';
  return new TouchstoneError('usage', `${at} returned ${described(got)}; expected nothing, or ${expected}`, hint);
}

/** @param before what it replaces; null: whatever its shape */
export function checkGradient(at: string, returned: unknown, before: tf.Tensor | null): void {
  if (returned instanceof tf.Tensor && (!before || returned.shape.join() === before.shape.join())) return;
  throw wrongReturn(at, before ? `a gradient: a tensor ${ofShape(before.shape)}` : 'a gradient: a tensor', returned);
}

/** As PyTorch would show it. */
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
