/** A plan on a network → a hook program. Every plan is valid on every network. */
import type { Act, Hook, HookProgram, HookStep, NetworkDescription } from '@touchstone/contract';
import type { ActPlan, HookPlan, Plan } from './plan.js';

/** The places that a program may refer to. */
export interface Places {
  /** Paths of modules, second names too. `""` is first; modules whose hooks reveal more are listed several times. */
  readonly modules: readonly string[];
  readonly parameters: readonly string[];
}

const maxRuns = 3;

export function placesIn({ modules }: NetworkDescription, weights: Readonly<Record<string, unknown>>): Places {
  const paths = Object.keys(modules);
  const calls = Object.values(modules).flatMap((module) =>
    'calls' in module ? module.calls.flatMap((call) => ('module' in call ? [call.module] : [])) : [],
  );
  const revealing = paths.filter((path) => {
    const module = modules[path]!;
    return (
      'alias' in module ||
      ('calls' in module && module.inputs.length > 1) ||
      calls.indexOf(path) !== calls.lastIndexOf(path)
    );
  });
  return {
    modules: [...paths, ...revealing, ...revealing],
    parameters: Object.keys(weights).filter((name) => !name.includes('.running_')),
  };
}

export function programOf(plan: Plan, places: Places): HookProgram {
  return new Resolver(plan, places).program();
}

class Resolver {
  readonly #plan: Plan;
  readonly #places: Places;
  readonly #names = new Map<HookPlan, string>();
  readonly #parameters: Set<string>;

  constructor(plan: Plan, places: Places) {
    this.#plan = plan;
    this.#places = places;
    this.#parameters = new Set(plan.parameters.map((number) => pick(places.parameters, number)));
    for (const step of plan.steps) if (step.do === 'register') this.#name(step.hook);
  }

  program(): HookProgram {
    const steps: HookStep[] = [];
    let runs = 0;
    for (const step of this.#plan.steps) {
      if (step.do === 'run' && ++runs > maxRuns - 1) continue;
      if (step.do === 'register') steps.push({ do: 'register', hook: this.#hook(step.hook) });
      else if (step.do === 'run') steps.push(step);
      else if (this.#names.size > 0) steps.push({ do: 'remove', hook: this.#any(step.whose) });
    }
    if (steps.at(-1)?.do !== 'run') steps.push({ do: 'run' });
    return { inputGradient: this.#plan.inputGradient, parameters: [...this.#parameters], steps };
  }

  /** Names in the order of reading. */
  #name(hook: HookPlan): void {
    this.#names.set(hook, letters(this.#names.size));
    for (const act of hook.acts) if ('hook' in act) this.#name(act.hook);
  }

  #any(whose: number): string {
    return pick([...this.#names.values()], whose);
  }

  #hook(plan: HookPlan): Hook {
    const { kind } = plan;
    const at = pick(this.#plan.places, plan.at);
    const acts = plan.acts.map((act) => this.#act(act, plan));
    const name = this.#names.get(plan)!;
    if (kind === 'tensor' || kind.startsWith('global')) return { name, kind, acts };
    if (kind !== 'parameter')
      return { name, kind, at: pick(this.#places.modules, at), ...(plan.prepend ? { prepend: true } : {}), acts };
    const parameter = pick(this.#places.parameters, at);
    this.#parameters.add(parameter);
    return { name, kind, at: parameter, acts };
  }

  #act(act: ActPlan, holder: HookPlan): Act {
    const on = act.on > 0 ? { on: act.on } : {};
    switch (act.do) {
      case 'scale':
        return { do: 'scale', by: act.by, ...on };
      case 'throw':
        return { do: 'throw', ...on };
      case 'remove':
        return { do: 'remove', hook: act.whose === 0 ? this.#names.get(holder)! : this.#any(act.whose - 1), ...on };
      case 'register':
        return { do: 'register', hook: this.#hook(act.hook), ...on };
      case 'hook-tensor':
        return { do: 'hook-tensor', of: act.of, hook: this.#hook(act.hook), ...on };
    }
  }
}

function pick<T>(all: readonly T[], number: number): T {
  return all[number % all.length]!;
}

/** a, b, … z, a2, b2, … */
function letters(index: number): string {
  return `${String.fromCodePoint(97 + (index % 26))}${index < 26 ? '' : Math.floor(index / 26) + 1}`;
}
