import { Nothing } from '../attributes.js';

/** Two values that broadcast. */
export const arithmetic = {
  add: Nothing,
  sub: Nothing,
  mul: Nothing,
  div: Nothing,
  maximum: Nothing,
  minimum: Nothing,
} as const;
