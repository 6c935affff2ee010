/** Changes of a network's description, of modules and of functions alike. */
import type { ContainerDescription, LeafType, NetworkDescription, OpName, StepCall } from '@touchstone/contract';
import type { Modules } from './changed-network.js';

type Attributes = Readonly<Record<string, unknown>>;
/** New attributes; null: they stay. */
type Change = (kind: LeafType, attributes: Attributes, path: string) => Attributes | null;
export type Call = ContainerDescription['calls'][number];
export type FunctionCall = Extract<StepCall, { op: string }>;
/** left, right, top, bottom */
export type Margins = readonly [number, number, number, number];

/** A function's module of the same kind. */
const kindOf: Partial<Record<OpName, LeafType>> = {
  max_pool2d: 'MaxPool2d',
  avg_pool2d: 'AvgPool2d',
  batch_norm: 'BatchNorm2d',
};

/** The description with other attributes; null: none changed. */
export function withAttributes(description: NetworkDescription, change: Change): NetworkDescription | null {
  let changes = 0;
  const changed = (kind: LeafType | undefined, attributes: Attributes, path: string): Attributes => {
    const other = kind === undefined ? null : change(kind, attributes, path);
    if (other !== null) changes++;
    return other ?? attributes;
  };
  const modules: Modules = {};
  for (const [path, module] of Object.entries(description.modules)) {
    if ('attributes' in module)
      modules[path] = { ...module, attributes: changed(module.type as LeafType, module.attributes, path) };
    else if ('calls' in module)
      modules[path] = {
        ...module,
        calls: module.calls.map((call) =>
          'op' in call ? { ...call, attributes: changed(kindOf[call.op as OpName], call.attributes, path) } : call,
        ),
      };
    else modules[path] = module;
  }
  return changes === 0 ? null : { ...description, modules };
}

/** The description with other calls in place of some of its calls of functions; null: of none. */
export function withCalls(
  description: NetworkDescription,
  change: (call: FunctionCall) => readonly Call[] | null,
): NetworkDescription | null {
  let changes = 0;
  const changed = (call: Call): Call[] => {
    const others = 'op' in call ? change(call) : null;
    if (others !== null) changes++;
    return [...(others ?? [call])];
  };
  const modules: Modules = {};
  for (const [path, module] of Object.entries(description.modules))
    modules[path] = 'calls' in module ? { ...module, calls: module.calls.flatMap(changed) } : module;
  return changes === 0 ? null : { ...description, modules };
}

/** The description with other types of leaves and other functions; null: it has none of them. */
export function withTypes(
  description: NetworkDescription,
  leaves: Partial<Record<LeafType, LeafType>>,
  functions: Partial<Record<OpName, OpName>>,
): NetworkDescription | null {
  const text = JSON.stringify(description.modules, (key, value: unknown) => {
    if (key === 'type') return leaves[value as LeafType] ?? value;
    return key === 'op' ? (functions[value as OpName] ?? value) : value;
  });
  if (text === JSON.stringify(description.modules)) return null;
  return { ...description, modules: JSON.parse(text) as Modules };
}

/**
 * The description where some modules and functions do not pad, but are given an input that was padded with zeros; null:
 * none are.
 *
 * @param marginsOf null: it pads as before
 */
export function paddedBefore(
  description: NetworkDescription,
  marginsOf: (kind: LeafType, attributes: Attributes, path: string) => Margins | null,
): NetworkDescription | null {
  const unpadded = withAttributes(description, (kind, attributes, path) =>
    marginsOf(kind, attributes, path) === null ? null : { ...attributes, padding: [0, 0] },
  );
  if (unpadded === null) return null;
  const { modules } = unpadded;
  const marginsAt = (container: string, call: StepCall): Margins | null => {
    if ('op' in call) {
      const kind = kindOf[call.op as OpName];
      return kind === undefined ? null : marginsOf(kind, call.attributes, container);
    }
    const callee = description.modules[call.module]!;
    const [path, leaf] = 'alias' in callee ? [callee.alias, description.modules[callee.alias]!] : [call.module, callee];
    return 'attributes' in leaf ? marginsOf(leaf.type as LeafType, leaf.attributes, path) : null;
  };
  for (const [path, module] of Object.entries(description.modules)) {
    if (!('calls' in module)) continue;
    const calls = module.calls.flatMap((call, i) => {
      if (!('args' in call)) return [call];
      const margins = marginsAt(path, call);
      const after = (modules[path] as ContainerDescription).calls[i]!;
      if (margins === null) return [after];
      const padding = `padding of ${path} ${call.name}`.replaceAll('.', ' '); // a child of the root
      modules[padding] = { type: 'ZeroPad2d', attributes: { padding: margins } };
      return [
        { name: padding, module: padding, args: call.args },
        { ...after, args: [padding] },
      ];
    });
    modules[path] = { ...module, calls };
  }
  return unpadded;
}
