/** A random network with a random hook program, given to both PyTorch and Touchstone. */
import type { HookProgram, HostTensor, NetworkDescription } from '@touchstone/contract';
import fc from 'fast-check';
import type { PyTorchRequest } from '../live-pytorch.js';
import { buildTree, type BuiltTree } from './build-tree.js';
import { oddSixtyFourths } from './numbers.js';
import { plan, type Plan } from './plan.js';
import { placesIn, programOf } from './program.js';
import { tree, type Tree } from './tree.js';

/** Logits of classes, and weighted sums of logits. */
export type PlainTarget = { readonly class: number | number[] } | { readonly weights: number[] };

export interface HookScene {
  readonly description: NetworkDescription;
  readonly weights: Readonly<Record<string, HostTensor>>;
  readonly x: HostTensor;
  readonly target: PlainTarget;
  readonly program: HookProgram;
}

/** A network with its input and target. */
export type Setting = Omit<HookScene, 'program'>;

interface SettingPlan {
  readonly tree: Tree;
  readonly batch: number;
  readonly target: { readonly kind: 'class' | 'classes' | 'weights'; readonly values: readonly number[] };
}

const settingPlan: fc.Arbitrary<SettingPlan> = fc.record({
  tree,
  batch: fc.integer({ min: 1, max: 2 }),
  target: fc.record({
    kind: fc.constantFrom('class' as const, 'classes' as const, 'weights' as const),
    values: fc.array(fc.integer({ min: 0, max: 7 }), { minLength: 3, maxLength: 3 }),
  }),
});

function set({ tree, batch, target }: SettingPlan): Setting {
  const built: BuiltTree = buildTree(tree);
  const { classes } = tree.head;
  const ofImage = target.values.slice(0, batch).map((value) => value % classes);
  const chosen: Record<typeof target.kind, PlainTarget> = {
    class: { class: ofImage[0]! },
    classes: { class: ofImage },
    weights: { weights: target.values.slice(0, classes).map((value) => value / 2 - 1.75) },
  };
  return { ...built, x: oddSixtyFourths(tree.seed, 'x', [batch, ...tree.input]), target: chosen[target.kind] };
}

export function sceneOf(setting: Setting, plan: Plan): HookScene {
  return { ...setting, program: programOf(plan, placesIn(setting.description, setting.weights)) };
}

export const settings: fc.Arbitrary<Setting> = settingPlan.map(set);

export const hookScenes: fc.Arbitrary<HookScene> = fc
  .tuple(settings, plan)
  .map(([setting, plan]) => sceneOf(setting, plan));

export function pytorchRequest({ program, ...setting }: HookScene): PyTorchRequest {
  return { ...setting, method: 'hooks', params: { program }, fixtures: {} };
}
