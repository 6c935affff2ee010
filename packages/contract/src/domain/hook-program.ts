/** Hook programs as data; docs/hook-programs.md says what they mean. */
import { z } from 'zod';

export const moduleKinds = ['forward-pre', 'forward', 'backward-pre', 'backward'] as const;
export const globalKinds = ['global-forward-pre', 'global-forward', 'global-backward-pre', 'global-backward'] as const;
export const hookKinds = [...moduleKinds, ...globalKinds, 'parameter', 'tensor'] as const;
export type HookKind = (typeof hookKinds)[number];

export interface Hook {
  readonly name: string;
  readonly kind: HookKind;
  /** Path of a module, or the name of a parameter; absent for global and tensor hooks. */
  readonly at?: string | undefined;
  /** For hooks on modules only. */
  readonly prepend?: boolean | undefined;
  readonly acts: readonly Act[];
}

/** `on`: only at that call of the hook, counted from 1. */
export type Act = { readonly on?: number | undefined } & (
  | { readonly do: 'scale'; readonly by: number }
  | { readonly do: 'remove'; readonly hook: string }
  | { readonly do: 'register'; readonly hook: Hook }
  | { readonly do: 'hook-tensor'; readonly of: 'input' | 'output'; readonly hook: Hook }
  | { readonly do: 'throw' }
);

export type HookStep =
  | { readonly do: 'register'; readonly hook: Hook }
  | { readonly do: 'remove'; readonly hook: string }
  | { readonly do: 'run' };

export interface HookProgram {
  readonly inputGradient: boolean;
  readonly parameters: readonly string[];
  readonly steps: readonly HookStep[];
}

const maxSteps = 200;
const maxHooks = 50;
const maxActs = 20;
/** A hook in a step has depth 1, a hook that it registers depth 2. */
const maxDepth = 4;

const HookName = z.string().regex(/^[A-Za-z_][\w-]{0,59}$/, 'a letter, then letters, digits, "_", "-"');
const Path = z.string().max(200);
const on = z.number().int().min(1).max(1000).optional();

function actAt(depth: number): z.ZodType<Act> {
  const plain = [
    z.strictObject({ do: z.literal('scale'), by: z.number(), on }),
    z.strictObject({ do: z.literal('remove'), hook: HookName, on }),
    z.strictObject({ do: z.literal('throw'), on }),
  ] as const;
  if (depth === maxDepth)
    return z.discriminatedUnion('do', plain, `must be scale, remove or throw: hooks can be nested ${maxDepth} deep`);
  const hook = hookAt(depth + 1);
  return z.discriminatedUnion('do', [
    ...plain,
    z.strictObject({ do: z.literal('register'), hook, on }),
    z.strictObject({ do: z.literal('hook-tensor'), of: z.enum(['input', 'output']), hook, on }),
  ]);
}

function hookAt(depth: number): z.ZodType<Hook> {
  return z.strictObject({
    name: HookName,
    kind: z.enum(hookKinds),
    at: Path.optional(),
    prepend: z.boolean().optional(),
    acts: z.array(actAt(depth)).max(maxActs),
  });
}

const Step: z.ZodType<HookStep> = z.discriminatedUnion('do', [
  z.strictObject({ do: z.literal('register'), hook: hookAt(1) }),
  z.strictObject({ do: z.literal('remove'), hook: HookName }),
  z.strictObject({ do: z.literal('run') }),
]);

/** The parameter `program` of the method `hooks`. Its paths are checked when it runs on a network. */
export const HookProgram = z
  .strictObject({
    inputGradient: z.boolean().default(true),
    parameters: z.array(Path).max(maxHooks).default([]),
    steps: z.array(Step).max(maxSteps),
  })
  .superRefine((program, context) => {
    for (const { path, message } of faults(program)) context.addIssue({ code: 'custom', path, message });
  });

type Fault = { readonly path: PropertyKey[]; readonly message: string };

/** Every hook of a program with its place, nested ones after the one that contains them. */
export function hooksIn(
  steps: readonly HookStep[],
): { hook: Hook; path: PropertyKey[]; by: 'register' | 'hook-tensor' }[] {
  const inside = (hook: Hook, path: PropertyKey[], by: 'register' | 'hook-tensor'): ReturnType<typeof hooksIn> => [
    { hook, path, by },
    ...hook.acts.flatMap((act, i) =>
      act.do === 'register' || act.do === 'hook-tensor' ? inside(act.hook, [...path, 'acts', i, 'hook'], act.do) : [],
    ),
  ];
  return steps.flatMap((step, i) =>
    step.do === 'register' ? inside(step.hook, ['steps', i, 'hook'], 'register') : [],
  );
}

function* faults({ parameters, steps }: HookProgram): Generator<Fault> {
  const hooks = hooksIn(steps);
  if (hooks.length > maxHooks) yield { path: ['steps'], message: `${hooks.length} hooks, at most ${maxHooks}` };
  if (new Set(parameters).size < parameters.length)
    yield { path: ['parameters'], message: 'a parameter is given twice' };
  const names = new Set<string>();
  for (const { hook, path, by } of hooks) {
    if (names.has(hook.name)) yield { path: [...path, 'name'], message: `the name "${hook.name}" is given twice` };
    names.add(hook.name);
    yield* faultsOf(hook, path, by, parameters);
  }
  const removals = [
    ...steps.flatMap((step, i) => (step.do === 'remove' ? [{ name: step.hook, path: ['steps', i, 'hook'] }] : [])),
    ...hooks.flatMap(({ hook, path }) =>
      hook.acts.flatMap((act, i) =>
        act.do === 'remove' ? [{ name: act.hook, path: [...path, 'acts', i, 'hook'] }] : [],
      ),
    ),
  ];
  for (const { name, path } of removals)
    if (!names.has(name)) yield { path, message: `no hook of the program is named "${name}"` };
}

function* faultsOf(
  { kind, at, prepend, acts }: Hook,
  path: PropertyKey[],
  by: 'register' | 'hook-tensor',
  parameters: readonly string[],
): Generator<Fault> {
  const onModule = (moduleKinds as readonly string[]).includes(kind);
  const placed = onModule || kind === 'parameter';
  if ((kind === 'tensor') !== (by === 'hook-tensor'))
    yield { path: [...path, 'kind'], message: 'kind "tensor" is for the act "hook-tensor" only, which needs it' };
  if (placed && at === undefined) yield { path: [...path, 'at'], message: `a hook of kind "${kind}" needs "at"` };
  if (!placed && at !== undefined) yield { path: [...path, 'at'], message: `a hook of kind "${kind}" has no "at"` };
  if (kind === 'parameter' && at !== undefined && !parameters.includes(at))
    yield { path: [...path, 'at'], message: `"${at}" is not in "parameters"` };
  if (!onModule && prepend) yield { path: [...path, 'prepend'], message: 'only hooks on modules can be prepended' };
  for (const [i, act] of acts.entries()) {
    if (act.do !== 'hook-tensor') continue;
    const offers =
      {
        'forward-pre': ['input'],
        'global-forward-pre': ['input'],
        forward: ['input', 'output'],
        'global-forward': ['input', 'output'],
      }[kind as string] ?? [];
    if (!offers.includes(act.of))
      yield { path: [...path, 'acts', i, 'of'], message: `a hook of kind "${kind}" has no ${act.of} to hook` };
  }
}
