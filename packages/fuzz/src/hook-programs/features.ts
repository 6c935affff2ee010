/** What a program exercises: kinds and acts for the coverage table, and words for the `why` of its case. */
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

/** All combinations that a program can have: only forward hooks make tensor hooks. */
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

/** A program that ran on a network. */
interface Ran {
  readonly program: HookProgram;
  readonly modules: NetworkDescription['modules'];
  /** Names of the trace's stages. */
  readonly stages: readonly string[];
  /** Hooks that fired. */
  readonly fired: readonly Hook[];
  /** Acts that were carried out. */
  readonly acts: readonly { readonly hook: Hook; readonly act: Act }[];
}

function ranOf(program: HookProgram, { modules }: NetworkDescription, trace: Stages): Ran {
  const firings = firingsIn(trace);
  const fired = hooksIn(program.steps)
    .map(({ hook }) => hook)
    .filter(({ name }) => firings.has(name));
  const acts = fired.flatMap((hook) => actsDone(hook, firings.get(hook.name)!).map((act) => ({ hook, act })));
  return { program, modules, stages: Object.keys(trace), fired, acts };
}

type Test = (ran: Ran) => boolean;

/** A hook that satisfies `where` carried out the act. */
const did =
  (act: ActName, where: (hook: Hook) => boolean): Test =>
  ({ acts }) =>
    acts.some((each) => each.act.do === act && where(each.hook));
const removed =
  (whose: (hook: Hook, name: string) => boolean): Test =>
  ({ acts }) =>
    acts.some(({ hook, act }) => act.do === 'remove' && whose(hook, act.hook));
const inBackward = ({ kind }: Hook): boolean => /backward|tensor|parameter/.test(kind);
const inForward = (hook: Hook): boolean => !inBackward(hook);
const isInplace = ({ inplace }: Readonly<Record<string, unknown>>): boolean => inplace === true;

const callsModuleTwice: Test = ({ modules }) => {
  const calls = Object.values(modules).flatMap((module) =>
    'calls' in module ? module.calls.flatMap((call) => ('module' in call ? [call.module] : [])) : [],
  );
  return new Set(calls).size < calls.length;
};

const hasTwoInputsOrFunctionInplace: Test = ({ modules }) =>
  Object.values(modules).some(
    (module) =>
      'calls' in module &&
      (module.inputs.length > 1 || module.calls.some((call) => 'op' in call && isInplace(call.attributes))),
  );

const hooksAlias: Test = ({ fired, modules }) =>
  fired.some(({ at }) => at !== undefined && modules[at] !== undefined && 'alias' in modules[at]);

/** The rarest first. */
const features: readonly (readonly [words: string, holds: Test])[] = [
  ['a throw in backward', did('throw', inBackward)],
  ['a throw in forward', did('throw', inForward)],
  ['an operation that PyTorch refuses', ({ stages }) => stages.some((stage) => stage.endsWith('threw framework'))],
  ['a gradient that is null', ({ stages }) => stages.some((stage) => stage.endsWith(' null'))],
  ['a hook that removes itself', removed((hook, name) => name === hook.name)],
  ['a removal inside a hook', removed((hook, name) => name !== hook.name)],
  ['a registration in backward', did('register', inBackward)],
  ['a registration in forward', did('register', inForward)],
  ['a replaced gradient of a tensor', did('scale', ({ kind }) => kind === 'tensor')],
  ['a replaced gradient of a parameter', did('scale', ({ kind }) => kind === 'parameter')],
  ['a replaced gradOutput', did('scale', ({ kind }) => kind.includes('backward-pre'))],
  ['a replaced gradInput', did('scale', ({ kind }) => kind.endsWith('backward'))],
  ['a prepended hook', ({ fired }) => fired.some(({ prepend }) => prepend)],
  ['global hooks', ({ fired }) => fired.some(({ kind }) => kind.startsWith('global'))],
  ['a hook by a second name', hooksAlias],
  ['a module called twice', callsModuleTwice],
  ['two inputs, or a function in place', hasTwoInputsOrFunctionInplace],
  [
    'a module in place',
    ({ modules }) => Object.values(modules).some((module) => 'attributes' in module && isInplace(module.attributes)),
  ],
  ['replaced inputs or outputs', did('scale', ({ kind }) => kind.endsWith('forward') || kind.endsWith('forward-pre'))],
  ['a tensor hook', ({ fired }) => fired.some(({ kind }) => kind === 'tensor')],
  ['several runs', ({ program }) => program.steps.filter((step) => step.do === 'run').length > 1],
  ['a hook on the network itself', ({ fired }) => fired.some(({ at }) => at === '')],
  ['order and values of the events', () => true],
];

/** The rarest features that the program exercised, at most five. */
export function inWords(program: HookProgram, network: NetworkDescription, trace: Stages): string {
  const ran = ranOf(program, network, trace);
  return features
    .flatMap(([words, holds]) => (holds(ran) ? [words] : []))
    .slice(0, 5)
    .join('; ');
}
