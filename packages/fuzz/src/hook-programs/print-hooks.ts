/** Prints the hooks of a program as functions. A `Dialect` holds the syntax of a language; the rest is shared. */
import type { Act, Hook, HookStep } from '@touchstone/contract';

type Lines = readonly string[];

/** The signature of a hook: a global hook has that of a module's, a parameter's that of any tensor's. */
export type Call = 'forward-pre' | 'forward' | 'backward-pre' | 'backward' | 'tensor';

export function callOf({ kind }: Hook): Call {
  return kind === 'parameter' ? 'tensor' : (kind.replace('global-', '') as Call);
}

/** Whether a hook acts only at some of its firings. */
export function counts({ acts }: Hook): boolean {
  return acts.some(({ on }) => on !== undefined);
}

export interface Dialect {
  /** The parameters of a hook; for hooks on modules, those after the module. */
  readonly parameters: Readonly<Record<Call, Lines>>;
  readonly define: (hook: Hook, body: Lines) => Lines;
  /** Shows the event, and stores the number of the firing where the hook `counts`. */
  readonly show: (hook: Hook) => string;
  readonly when: (firing: number, body: Lines) => Lines;
  /** `value` scaled. */
  readonly scaled: (call: Call, value: string, by: number) => string;
  readonly assign: (to: string, value: string) => string;
  readonly give: (value: string) => string;
  /** The initial value where only some firings make a replacement. */
  readonly noReplacement: string;
  readonly remove: (name: string) => string;
  readonly raise: (name: string) => string;
  readonly register: (hook: Hook) => string;
  readonly hookTensor: (tensor: string, hook: Hook) => string;
  readonly run: string;
}

export function stepLines(step: HookStep, dialect: Dialect): Lines {
  if (step.do === 'run') return [dialect.run];
  if (step.do === 'remove') return [dialect.remove(step.hook)];
  return [...hookLines(step.hook, dialect), dialect.register(step.hook)];
}

function hookLines(hook: Hook, dialect: Dialect): Lines {
  const scales = hook.acts.filter((act) => act.do === 'scale');
  const value = replaced(hook, dialect);
  const sometimes = scales.length > 0 && scales.every(({ on }) => on !== undefined);
  const acts = hook.acts.flatMap((act) => {
    const lines =
      act.do === 'scale' && sometimes
        ? [...actLines(act, hook, dialect), dialect.assign('replacement', value)]
        : actLines(act, hook, dialect);
    return act.on === undefined ? lines : dialect.when(act.on, lines);
  });
  const give = scales.length > 0 ? [dialect.give(sometimes ? 'replacement' : value)] : [];
  return dialect.define(hook, [dialect.show(hook), ...(sometimes ? [dialect.noReplacement] : []), ...acts, ...give]);
}

function replaced(hook: Hook, dialect: Dialect): string {
  const call = callOf(hook);
  return dialect.parameters[call][call === 'forward' ? 1 : 0]!;
}

function actLines(act: Act, hook: Hook, dialect: Dialect): Lines {
  switch (act.do) {
    case 'scale': {
      const value = replaced(hook, dialect);
      return [dialect.assign(value, dialect.scaled(callOf(hook), value, act.by))];
    }
    case 'remove':
      return [dialect.remove(act.hook)];
    case 'throw':
      return [dialect.raise(hook.name)];
    case 'register':
      return [...hookLines(act.hook, dialect), dialect.register(act.hook)];
    case 'hook-tensor': {
      const [inputs, output] = dialect.parameters[callOf(hook)];
      return [
        ...hookLines(act.hook, dialect),
        dialect.hookTensor(act.of === 'output' ? output! : `${inputs}[0]`, act.hook),
      ];
    }
  }
}

/** The explained class of each image. */
export function classesOf(target: number | readonly number[], images: number): readonly number[] {
  return typeof target === 'number' ? Array.from({ length: images }, () => target) : target;
}
