/**
 * A random hook program that is independent of a network: places and names are numbers, valid for any network and any
 * program.
 */
import type { HookKind } from '@touchstone/contract';
import fc from 'fast-check';

export interface HookPlan {
  readonly kind: HookKind;
  /** Index of one of the plan's places. */
  readonly at: number;
  readonly prepend: boolean;
  readonly acts: readonly ActPlan[];
}

/** `on` 0: at every firing. `whose` 0: the hook itself, else one of the program's. */
export type ActPlan = { readonly on: number } & (
  | { readonly do: 'scale'; readonly by: number }
  | { readonly do: 'remove'; readonly whose: number }
  | { readonly do: 'register'; readonly hook: HookPlan }
  | { readonly do: 'hook-tensor'; readonly of: 'input' | 'output'; readonly hook: HookPlan }
  | { readonly do: 'throw' }
);

export type StepPlan =
  | { readonly do: 'register'; readonly hook: HookPlan }
  | { readonly do: 'remove'; readonly whose: number }
  | { readonly do: 'run' };

export interface Plan {
  readonly inputGradient: boolean;
  readonly parameters: readonly number[];
  /** The modules and parameters that are hooked: few, so that several hooks share one. */
  readonly places: readonly number[];
  readonly steps: readonly StepPlan[];
}

const maxSteps = 12;
const number = fc.nat({ max: 9999 });
const once = fc.integer({ min: 1, max: 3 });
const anyFiring = fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 2, arbitrary: once });
/** Rarely at every firing. */
const mostlyOnce = fc.oneof({ weight: 6, arbitrary: once }, { weight: 1, arbitrary: fc.constant(0) });
/** Few bits, so that products are exact. */
const factor = fc.constantFrom(2, 0.5, -1, -2, 1.5, 0.75, 3);

type Weighted<T> = { weight: number; arbitrary: fc.Arbitrary<T> };

function acts(kind: HookKind, depth: number): fc.Arbitrary<ActPlan[]> {
  const word = <D extends ActPlan['do']>(name: D) => fc.constant(name);
  const choices: Weighted<ActPlan>[] = [
    { weight: 6, arbitrary: fc.record({ do: word('scale'), on: anyFiring, by: factor }) },
    { weight: 3, arbitrary: fc.record({ do: word('remove'), on: anyFiring, whose: fc.nat({ max: 12 }) }) },
    { weight: 1, arbitrary: fc.record({ do: word('throw'), on: mostlyOnce }) },
  ];
  if (depth < 3) {
    // Nested hooks that register at every firing would multiply without bound.
    const on = depth > 1 || kind.startsWith('global') ? once : mostlyOnce;
    choices.push({ weight: 4, arbitrary: fc.record({ do: word('register'), on, hook: hook(depth + 1) }) });
    const tensors: ('input' | 'output')[] = kind.endsWith('forward-pre')
      ? ['input']
      : kind.endsWith('forward')
        ? ['output', 'input']
        : [];
    if (tensors.length > 0) {
      const tensor = acts('tensor', depth + 1).map((inside): HookPlan => ({
        kind: 'tensor',
        at: 0,
        prepend: false,
        acts: inside,
      }));
      choices.push({
        weight: 8,
        arbitrary: fc.record({ do: word('hook-tensor'), on: anyFiring, of: fc.constantFrom(...tensors), hook: tensor }),
      });
    }
  }
  return fc.array(fc.oneof({ withCrossShrink: true }, ...choices), { maxLength: depth > 1 ? 2 : 3 });
}

/** How often each kind occurs in a program; tensor hooks come from acts. */
const kinds: readonly [HookKind, number][] = [
  ['forward', 5],
  ['forward-pre', 5],
  ['backward', 6],
  ['backward-pre', 5],
  ['parameter', 4],
  ['global-forward', 1],
  ['global-forward-pre', 1],
  ['global-backward', 2],
  ['global-backward-pre', 1],
];

function hook(depth: number): fc.Arbitrary<HookPlan> {
  const each = kinds.map(([kind, weight]): Weighted<HookPlan> => ({
    weight,
    arbitrary: fc.record({
      kind: fc.constant(kind),
      at: fc.nat({ max: 3 }),
      prepend: fc.integer({ min: 0, max: 3 }).map((drawn) => drawn === 3),
      acts: acts(kind, depth),
    }),
  }));
  return fc.oneof({ withCrossShrink: true }, ...each);
}

const step: fc.Arbitrary<StepPlan> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('register' as const), hook: hook(1) }) },
  { weight: 2, arbitrary: fc.constant({ do: 'run' } as const) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('remove' as const), whose: fc.nat({ max: 12 }) }) },
);

export const plan: fc.Arbitrary<Plan> = fc.record({
  inputGradient: fc.integer({ min: 0, max: 9 }).map((drawn) => drawn < 9),
  parameters: fc.array(number, { maxLength: 2 }),
  places: fc.array(number, { minLength: 1, maxLength: 4 }),
  steps: fc.array(step, { minLength: 1, maxLength: maxSteps }),
});
