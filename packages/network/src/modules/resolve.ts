import type { NetworkDescription } from '@touchstone/contract';

/** The path of the module that `path` is an alias of; `path` itself if it is not an alias. */
export function resolve(description: NetworkDescription, path: string): string {
  const module = description.modules[path];
  return module && 'alias' in module ? module.alias : path;
}

/** Whether no module is below it, under any name: PyTorch's leaves, a container of functions included. */
export function hasNoChildren({ modules }: NetworkDescription, path: string): boolean {
  const paths = Object.keys(modules);
  return path === '' ? paths.length === 1 : !paths.some((other) => other.startsWith(`${path}.`));
}

/** The paths of all modules in the order of `named_modules`; a shared module once, under its first path. */
export function modulePaths(description: NetworkDescription): string[] {
  return inPyTorchsOrder(description).filter((path) => resolve(description, path) === path);
}

/**
 * The paths, each followed by those below it: the order of `named_modules`. The rows cannot be taken as they are,
 * because an object of JavaScript lists the names "0", "1", … before all others.
 */
export function inPyTorchsOrder({ modules }: NetworkDescription): string[] {
  const children = new Map<string, string[]>();
  for (const path of Object.keys(modules)) {
    const parts = path === '' ? [] : path.split('.');
    for (let depth = 0; depth < parts.length; depth++) {
      const [parent, child] = [depth, depth + 1].map((count) => parts.slice(0, count).join('.')) as [string, string];
      const siblings = children.get(parent) ?? [];
      if (!siblings.includes(child)) children.set(parent, [...siblings, child]);
    }
  }
  const ordered: string[] = [];
  const visit = (path: string): void => {
    if (modules[path]) ordered.push(path); // a ModuleList has no row
    for (const child of children.get(path) ?? []) visit(child);
  };
  visit('');
  return ordered;
}

/** Paths of the modules that a pass calls. */
export function runningModules(description: NetworkDescription): ReadonlySet<string> {
  const found = new Set<string>();
  const add = (path: string): void => {
    if (found.has(path)) return;
    found.add(path);
    const module = description.modules[path]!;
    if (!('calls' in module)) return;
    for (const call of module.calls) if ('module' in call) add(resolve(description, call.module));
  };
  add('');
  return found;
}
