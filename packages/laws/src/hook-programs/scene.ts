/** A random network with a random hook program: what PyTorch and Touchstone are both given. */
import type { HookProgram, HostTensor, NetworkDescription, Target } from '@touchstone/contract';
import fc from 'fast-check';
import { buildTree, type BuiltTree } from './build-tree.js';
import { oddSixtyFourths } from './numbers.js';
import { plan, type Plan } from './plan.js';
import { placesIn, programOf } from './program.js';
import { tree, type Tree } from './tree.js';

export interface HookScene {
  readonly description: NetworkDescription;
  readonly weights: Readonly<Record<string, HostTensor>>;
  readonly x: HostTensor;
  readonly target: Target;
  readonly program: HookProgram;
}

/** A network with what it is called on. */
export type Stage = Omit<HookScene, 'program'>;

interface StagePlan {
  readonly tree: Tree;
  readonly batch: number;
  readonly target: { readonly kind: 'class' | 'classes' | 'weights'; readonly values: readonly number[] };
}

const stagePlan: fc.Arbitrary<StagePlan> = fc.record({
  tree,
  batch: fc.integer({ min: 1, max: 2 }),
  target: fc.record({ kind: fc.constantFrom('class' as const, 'classes' as const, 'weights' as const), values: fc.array(fc.integer({ min: 0, max: 7 }), { minLength: 3, maxLength: 3 }) }),
});

function setStage({ tree, batch, target }: StagePlan): Stage {
  const built: BuiltTree = buildTree(tree);
  const { classes } = tree.head;
  const ofImage = target.values.slice(0, batch).map((value) => value % classes);
  const chosen: Record<typeof target.kind, Target> = {
    class: { class: ofImage[0]! },
    classes: { class: ofImage },
    weights: { weights: target.values.slice(0, classes).map((value) => value / 2 - 1) },
  };
  return { ...built, x: oddSixtyFourths(tree.seed, 'x', [batch, ...tree.input]), target: chosen[target.kind] };
}

export function sceneOf(stage: Stage, plan: Plan): HookScene {
  return { ...stage, program: programOf(plan, placesIn(stage.description, stage.weights)) };
}

export const stages: fc.Arbitrary<Stage> = stagePlan.map(setStage);

export const hookScenes: fc.Arbitrary<HookScene> = fc.tuple(stages, plan).map(([stage, plan]) => sceneOf(stage, plan));
