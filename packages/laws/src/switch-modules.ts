/**
 * The modules of a network that have switch points, ReLUs and max pools, so that each can be hooked: also those called
 * as functions.
 */
import type { LeafAttributes, NetworkDescription } from '@touchstone/contract';

export type SwitchModule =
  | { readonly kind: 'relu'; readonly ceiling: number; readonly inplace: boolean }
  | { readonly kind: 'pool'; readonly attributes: LeafAttributes<'MaxPool2d'> };

/** The same network with every functional ReLU and max pool in its own container, named as its call. */
export function withVisibleSwitches(description: NetworkDescription): NetworkDescription {
  const modules = { ...description.modules };
  for (const [path, module] of Object.entries(description.modules)) {
    if (!('calls' in module)) continue;
    const calls = module.calls.map((call) => {
      if (!('op' in call) || !asSwitchModule(call.op, call.attributes)) return call;
      const own = path === '' ? call.name : `${path}.${call.name}`;
      modules[own] = { type: 'Functional', inputs: ['x'], calls: [{ ...call, name: 'y', args: ['x'] }], output: 'y' };
      return { name: call.name, module: own, args: call.args };
    });
    modules[path] = { ...module, calls };
  }
  return { ...description, modules };
}

/** Path → the ReLU or max pool there, of a network with visible switches. */
export function findSwitchModules({ modules }: NetworkDescription): Map<string, SwitchModule> {
  const switches = new Map<string, SwitchModule>();
  for (const [path, module] of Object.entries(modules)) {
    const only = 'calls' in module && module.calls.length === 1 ? module.calls[0] : undefined;
    const found =
      'attributes' in module
        ? asSwitchModule(module.type, module.attributes)
        : only && 'op' in only
          ? asSwitchModule(only.op, only.attributes)
          : null;
    if (found) switches.set(path, found);
  }
  return switches;
}

function asSwitchModule(type: string, attributes: Record<string, unknown>): SwitchModule | null {
  if (type === 'ReLU' || type === 'relu')
    return { kind: 'relu', ceiling: Infinity, inplace: attributes['inplace'] as boolean };
  if (type === 'ReLU6' || type === 'relu6')
    return { kind: 'relu', ceiling: 6, inplace: attributes['inplace'] as boolean };
  if (type === 'MaxPool2d' || type === 'max_pool2d')
    return { kind: 'pool', attributes: attributes as LeafAttributes<'MaxPool2d'> };
  return null;
}
