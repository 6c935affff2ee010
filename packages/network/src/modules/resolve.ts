import type { NetworkDescription } from '@touchstone/contract';

/** The path of the module that `path` is an alias of; `path` itself if it is not an alias. */
export function resolve(description: NetworkDescription, path: string): string {
  const module = description.modules[path];
  return module && 'alias' in module ? module.alias : path;
}
