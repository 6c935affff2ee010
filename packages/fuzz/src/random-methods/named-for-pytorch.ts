/** Names of modules that a port of the network to PyTorch has in the same order. */
import type { HostTensor, NetworkDescription } from '@touchstone/contract';

interface Network {
  readonly description: NetworkDescription;
  readonly weights: Readonly<Record<string, HostTensor>>;
}

type Modules = NetworkDescription['modules'];

/**
 * "0" becomes "step0", because an object of JavaScript lists such names first, whatever their place; and a module that
 * is called by a container which it is not below gets a second name there, and its row comes first.
 */
export function namedForPyTorch<N extends Network>(network: N): N {
  const { description, weights } = network;
  const rows = Object.entries(description.modules).map(([path, row]) => [renamed(path), withNames(row)] as const);
  const modules = withSecondNames(Object.fromEntries(rows));
  return {
    ...network,
    description: { ...description, modules },
    weights: Object.fromEntries(Object.entries(weights).map(([name, tensor]) => [renamed(name), tensor])),
  };
}

function renamed(path: string): string {
  return path
    .split('.')
    .map((part) => (/^\d+$/.test(part) ? `step${part}` : part))
    .join('.');
}

function withNames(row: Modules[string]): Modules[string] {
  if ('alias' in row) return { alias: renamed(row.alias) };
  if (!('calls' in row)) return row;
  const calls = row.calls.map((call) => {
    if ('module' in call) return { ...call, module: renamed(call.module) };
    return 'weight' in call ? { ...call, weight: renamed(call.weight) } : call;
  });
  return { ...row, calls };
}

function withSecondNames(modules: Modules): Modules {
  const shared = new Set<string>();
  const aliases: Modules = {};
  for (const [path, row] of Object.entries(modules)) {
    if (!('calls' in row) || path === '') continue;
    for (const call of row.calls) {
      if (!('module' in call) || call.module.startsWith(`${path}.`)) continue;
      const isNamed = Object.entries(modules).some(
        ([name, other]) => 'alias' in other && other.alias === call.module && name.startsWith(`${path}.`),
      );
      if (isNamed) continue;
      shared.add(call.module);
      aliases[`${path}.${call.module}`] = { alias: call.module };
    }
  }
  const isShared = ([path]: [string, unknown]): boolean => shared.has(path);
  const rows = Object.entries(modules);
  const { '': root } = modules;
  return Object.fromEntries([
    ['', root!],
    ...rows.filter(isShared),
    ...rows.filter((row) => row[0] !== '' && !isShared(row)),
    ...Object.entries(aliases),
  ]);
}
