import { findMethod } from '@touchstone/methods';
import { attributeOne } from './attribute-one.js';
import type { AttributeOptions } from './attribute-request.js';
import { attributeSheet } from './attribute-sheet.js';
import { names } from './options.js';

/** @param methodIds one, or several separated by commas */
export async function attribute(methodIds: string, options: AttributeOptions): Promise<void> {
  const [first, ...more] = names(methodIds).map(findMethod);
  return more.length === 0 ? attributeOne(first!, options) : attributeSheet([first!, ...more], options);
}
