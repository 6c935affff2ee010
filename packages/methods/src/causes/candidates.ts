/** What a wrong answer may be: what each known fault answers, and what other settings and related methods do. */
import { TouchstoneError, type ClassTarget, type Stages } from '@touchstone/contract';
import { readParts } from '@touchstone/network';
import { explain, type Explanation } from '../core/explain.js';
import { formOf, mapCalls } from '../core/feature-maps.js';
import type { Method } from '../core/method.js';
import type { Remedy } from '../core/mutant.js';
import { classesFor } from '../core/target.js';
import { askedLayer } from '../mutants/remedies.js';
import { mutants, methods } from '../registry.js';
import type { Part } from './finish-step.js';

export interface Candidate {
  /** Empty: the right answer. */
  readonly parts: readonly Part[];
  readonly method: Method;
  readonly params: unknown;
  /** Absent where it is impossible here. */
  readonly answer: () => Promise<Stages | undefined>;
}

/** Faults of the whole method, without those of the finished map alone, which `finishesOf` lists. */
export function knownFaults(method: Method, explanation: Explanation, finished: ReadonlySet<string>): Candidate[] {
  return mutants
    .filter(({ id, of, applies }) => !finished.has(id) && of.includes(method.id) && (applies?.(explanation) ?? true))
    .map(({ id, fault, remedy, explain: explainWrongly }) => ({
      parts: [{ id, fault, remedy }],
      method,
      params: explanation.params,
      answer: () => possible(() => explainWrongly(method, explanation)),
    }));
}

/** Most classes and layers that are tried. */
const most = 20;

/** Other classes, layers and settings, and related methods. */
export function otherQuestions(method: Method, explanation: Explanation): Candidate[] {
  const { params } = explanation;
  const asked = (
    kind: string,
    fault: string,
    of: Method,
    changed: Partial<Explanation>,
    remedy: Remedy | null = null,
  ): Candidate => ({
    parts: [{ id: null, kind, fault, remedy }],
    method: of,
    params: changed.params ?? params,
    answer: () => possible(async () => (await explain(of, { ...explanation, ...changed })).stages),
  });
  return [
    ...otherSettings(method, params).map(([fault, changed]) => asked('setting', fault, method, { params: changed })),
    ...relatives(method).map((other) =>
      asked('method', `${shortTitle(other)} instead of ${shortTitle(method)}`, other, {
        params: paramsFor(other, method, params),
      }),
    ),
    ...otherLayers(method, explanation).map((layer) =>
      asked(
        'layer',
        `layer "${layer}" instead of the layer that is asked for`,
        method,
        { params: { ...(params as object | undefined), layer } },
        askedLayer,
      ),
    ),
    ...otherClasses(explanation).map((target) =>
      asked('class', `class ${target.class as number} instead of the class that is asked for`, method, { target }),
    ),
  ];
}

/** Undefined where the method refuses what it is given. */
async function possible(run: () => Promise<Stages>): Promise<Stages | undefined> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof TouchstoneError && error.code === 'internal') throw error;
    return undefined;
  }
}

const shortTitle = ({ title }: Method): string => title.split(':')[0]!;

/** Methods whose answers people take for another's. */
const families: readonly (readonly string[])[] = [
  ['saliency', 'guided-backprop', 'deconv'],
  ['grad-cam', 'hires-cam', 'cam'],
];

function relatives({ id }: Method): Method[] {
  const family = families.find((ids) => ids.includes(id)) ?? [];
  return methods.filter((other) => other.id !== id && family.includes(other.id));
}

/** Those of the parameters that the other method has too, defaults included. */
function paramsFor(other: Method, method: Method, params: unknown): object {
  const all = Object.entries(method.params.parse(params ?? {}) as object);
  return Object.fromEntries(all.filter((entry) => other.params.safeParse(Object.fromEntries([entry])).success));
}

/** Values of a parameter of which one is chosen. How channels are reduced, `finishesOf` tries. */
const choices: Readonly<Record<string, readonly unknown[]>> = {
  average: ['mean-then-abs', 'abs-then-mean', 'mean-of-squares', 'variance'],
  relu: [true, false],
};

function otherSettings(method: Method, params: unknown): [fault: string, params: object][] {
  const all = method.params.parse(params ?? {}) as Readonly<Record<string, unknown>>;
  return Object.entries(choices).flatMap(([name, values]) =>
    name in all
      ? values
          .filter((value) => value !== all[name])
          .map((value): [string, object] => [
            `"${name}": ${JSON.stringify(value)} instead of ${JSON.stringify(all[name])}`,
            { ...(params as object | undefined), [name]: value },
          ])
      : [],
  );
}

/** Layers that give maps, the last first. */
function otherLayers(method: Method, { network, x, params }: Explanation): string[] {
  const all = method.params.parse(params ?? {}) as { layer?: string | null; layers?: unknown };
  if (!('layer' in all)) return [];
  const paths = mapCalls(readParts(network.description, x.shape), formOf(params)).map(({ path }) => path);
  return paths
    .toReversed()
    .filter((path) => path !== all.layer)
    .slice(0, most);
}

function otherClasses({ network, x, target }: Explanation): ClassTarget[] {
  if (target === 'likeliest' || !('class' in target) || Array.isArray(target.class)) return [];
  const classes = classesFor(network, x.shape, target) ?? Infinity;
  if (classes > most) return [];
  return Array.from({ length: classes }, (_, index) => ({ ...target, class: index })).filter(
    (other) => other.class !== target.class,
  );
}
