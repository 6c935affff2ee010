import { z } from 'zod';
import type { Method } from './method.js';

export interface Parameter {
  readonly name: string;
  /** undefined: the parameter is required. */
  readonly default: unknown;
  readonly description: string | null;
}

/** The parameters of a method. */
export function parametersOf(method: Method): Parameter[] {
  const { properties = {} } = z.toJSONSchema(method.params, { io: 'input', unrepresentable: 'any' });
  return Object.entries(properties).map(([name, property]) => {
    const { default: byDefault, description } = property as { default?: unknown; description?: string };
    return { name, default: byDefault, description: description ?? null };
  });
}
