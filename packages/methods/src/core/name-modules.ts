import { parse, type NetworkDescription } from '@touchstone/contract';
import type { Method } from './method.js';

/**
 * All parameters, defaults included. Where null means a module, its path is there instead: `layer` of Grad-CAM is
 * always the name of a layer.
 *
 * @param input [N,C,H,W]
 * @throws TouchstoneError `bad-params`; `bad-input` for images that the network does not take
 */
export function nameModules(
  { params: schema, defaultModules = {} }: Method,
  given: Readonly<Record<string, unknown>>,
  description: NetworkDescription,
  input: readonly number[],
  label: string,
): Record<string, unknown> {
  const params = parse(schema, given, label, 'bad-params') as Record<string, unknown>;
  for (const [name, find] of Object.entries(defaultModules)) params[name] ??= find(description, input, params) ?? null;
  return params;
}
