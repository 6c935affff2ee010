/**
 * The places where a network bends, ReLUs and max pools, as modules that can be hooked: also those called as
 * functions.
 */
import type { LeafAttributes, NetworkDescription } from '@touchstone/contract';

export type Bend =
  | { readonly kind: 'relu'; readonly ceiling: number; readonly inplace: boolean }
  | { readonly kind: 'pool'; readonly attributes: LeafAttributes<'MaxPool2d'> };

/** The same network with every functional ReLU and max pool in a container of its own, named as its call. */
export function withVisibleBends(description: NetworkDescription): NetworkDescription {
  const modules = { ...description.modules };
  for (const [path, module] of Object.entries(description.modules)) {
    if (!('calls' in module)) continue;
    const calls = module.calls.map((call) => {
      if (!('op' in call) || !bendOf(call.op, call.attributes)) return call;
      const own = path === '' ? call.name : `${path}.${call.name}`;
      modules[own] = { type: 'Functional', inputs: ['x'], calls: [{ ...call, name: 'y', args: ['x'] }], output: 'y' };
      return { name: call.name, module: own, args: call.args };
    });
    modules[path] = { ...module, calls };
  }
  return { ...description, modules };
}

/** Path → what bends there, of a network with visible bends. */
export function bendsOf({ modules }: NetworkDescription): Map<string, Bend> {
  const bends = new Map<string, Bend>();
  for (const [path, module] of Object.entries(modules)) {
    const only = 'calls' in module && module.calls.length === 1 ? module.calls[0] : undefined;
    const bend =
      'attributes' in module
        ? bendOf(module.type, module.attributes)
        : only && 'op' in only
          ? bendOf(only.op, only.attributes)
          : null;
    if (bend) bends.set(path, bend);
  }
  return bends;
}

function bendOf(type: string, attributes: Record<string, unknown>): Bend | null {
  if (type === 'ReLU' || type === 'relu')
    return { kind: 'relu', ceiling: Infinity, inplace: attributes['inplace'] as boolean };
  if (type === 'ReLU6' || type === 'relu6')
    return { kind: 'relu', ceiling: 6, inplace: attributes['inplace'] as boolean };
  if (type === 'MaxPool2d' || type === 'max_pool2d')
    return { kind: 'pool', attributes: attributes as LeafAttributes<'MaxPool2d'> };
  return null;
}
