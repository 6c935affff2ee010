import type { NetworkDescription } from '@touchstone/contract';
import { inPyTorchsOrder, resolve } from './resolve.js';

/**
 * Which other modules read a module's tensors in functions of their own: its path → theirs, in the order of
 * `named_modules`. PyTorch's attention reads those of its `out_proj`, which it never calls.
 */
export function weightReaders(description: NetworkDescription): Map<string, string[]> {
  const readers = new Map<string, string[]>();
  for (const path of inPyTorchsOrder(description)) {
    const module = description.modules[path]!;
    if (!('calls' in module)) continue;
    for (const call of module.calls) {
      if (!('weight' in call)) continue;
      const owner = resolve(description, call.weight.slice(0, Math.max(0, call.weight.lastIndexOf('.'))));
      const known = readers.get(owner) ?? [];
      if (owner !== path && !known.includes(path)) readers.set(owner, [...known, path]);
    }
  }
  return readers;
}
