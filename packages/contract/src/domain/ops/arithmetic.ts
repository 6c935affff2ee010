import { Nothing } from '../attributes.js';

/** Two values that broadcast. */
export const arithmetic = {
  add: Nothing,
} as const;
