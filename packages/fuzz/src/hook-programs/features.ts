/** What a program exercises: kind by act for the table, and in words for the case that it becomes. */
import {
  hookKinds,
  hooksIn,
  type Act,
  type Hook,
  type HookKind,
  type HookProgram,
  type NetworkDescription,
  type Stages,
} from '@touchstone/contract';

export const actNames = ['scale', 'remove', 'register', 'hook-tensor', 'throw'] as const;
export type ActName = (typeof actNames)[number];
/** `forward scale` */
export type Combination = `${HookKind} ${ActName}`;

/** All that a program can say: tensor hooks are made by forward hooks only. */
export const combinations: readonly Combination[] = hookKinds.flatMap((kind) =>
  actNames
    .filter((act) => act !== 'hook-tensor' || kind.includes('forward'))
    .map((act): Combination => `${kind} ${act}`),
);

/** Acts that were carried out: their hook fired often enough, and did not throw before. */
export function exercised(program: HookProgram, trace: Stages): Set<Combination> {
  const firings = firingsIn(trace);
  const found = new Set<Combination>();
  for (const { hook } of hooksIn(program.steps)) {
    for (const act of actsDone(hook, firings.get(hook.name) ?? 0)) found.add(`${hook.kind} ${act.do}`);
  }
  return found;
}

function actsDone({ acts }: Hook, firings: number): Act[] {
  return acts.filter((act, i) => {
    const isDone = (firing: number) =>
      (act.on ?? firing) === firing &&
      !acts.slice(0, i).some((before) => before.do === 'throw' && (before.on ?? firing) === firing);
    return Array.from({ length: firings }, (_, n) => n + 1).some(isDone);
  });
}

/** Hook's name → how often it fired, from `0003 backward a body#2 gradInput0`. */
function firingsIn(trace: Stages): Map<string, number> {
  const firings = new Map<string, number>();
  for (const stage of Object.keys(trace)) {
    const [, kind, name, where] = stage.split(' ');
    if (name !== undefined && where !== undefined && (hookKinds as readonly string[]).includes(kind!))
      firings.set(name, Number(where.split('#').at(-1)));
  }
  return firings;
}

/** The rarer ones first, at most five. */
export function inWords(program: HookProgram, { modules }: NetworkDescription, trace: Stages): string {
  const done = exercised(program, trace);
  const firings = firingsIn(trace);
  const fired = hooksIn(program.steps)
    .map(({ hook }) => hook)
    .filter(({ name }) => firings.has(name));
  const acts = fired.flatMap((hook) => actsDone(hook, firings.get(hook.name)!).map((act) => ({ hook, act })));
  const any = (act: ActName, where: (hook: Hook) => boolean = () => true) =>
    acts.some((each) => each.act.do === act && where(each.hook));
  const inBackward = ({ kind }: Hook) => /backward|tensor|parameter/.test(kind);
  const stages = Object.keys(trace);
  const calls = Object.values(modules).flatMap((module) =>
    'calls' in module ? module.calls.flatMap((call) => ('module' in call ? [call.module] : [])) : [],
  );
  const inplace = (attributes: Readonly<Record<string, unknown>>) => attributes['inplace'] === true;
  const features: [boolean, string][] = [
    [any('throw', inBackward), 'a throw in backward'],
    [any('throw', (hook) => !inBackward(hook)), 'a throw in forward'],
    [stages.some((stage) => stage.endsWith('threw framework')), 'what PyTorch refuses'],
    [stages.some((stage) => stage.endsWith(' null')), 'a gradient that is null'],
    [acts.some(({ hook, act }) => act.do === 'remove' && act.hook === hook.name), 'a hook that removes itself'],
    [acts.some(({ hook, act }) => act.do === 'remove' && act.hook !== hook.name), 'a removal inside a hook'],
    [any('register', inBackward), 'a registration in backward'],
    [any('register', (hook) => !inBackward(hook)), 'a registration in forward'],
    [done.has('tensor scale'), 'a replaced gradient of a tensor'],
    [done.has('parameter scale'), 'a replaced gradient of a parameter'],
    [any('scale', ({ kind }) => kind.includes('backward-pre')), 'a replaced gradOutput'],
    [any('scale', ({ kind }) => kind.endsWith('backward')), 'a replaced gradInput'],
    [fired.some(({ prepend }) => prepend), 'a prepended hook'],
    [fired.some(({ kind }) => kind.startsWith('global')), 'global hooks'],
    [
      fired.some(({ at }) => at !== undefined && modules[at] !== undefined && 'alias' in modules[at]),
      'a hook by a second name',
    ],
    [new Set(calls).size < calls.length, 'a module called twice'],
    [
      Object.values(modules).some(
        (module) =>
          'calls' in module &&
          (module.inputs.length > 1 || module.calls.some((call) => 'op' in call && inplace(call.attributes))),
      ),
      'two inputs, or a function in place',
    ],
    [
      Object.values(modules).some((module) => 'attributes' in module && inplace(module.attributes)),
      'a module in place',
    ],
    [
      any('scale', ({ kind }) => kind.endsWith('forward') || kind.endsWith('forward-pre')),
      'replaced inputs or outputs',
    ],
    [fired.some(({ kind }) => kind === 'tensor'), 'a tensor hook'],
    [program.steps.filter((step) => step.do === 'run').length > 1, 'several runs'],
    [fired.some(({ at }) => at === ''), 'a hook on the network itself'],
    [true, 'order and values of the events'],
  ];
  return features
    .flatMap(([holds, words]) => (holds ? [words] : []))
    .slice(0, 5)
    .join('; ');
}
