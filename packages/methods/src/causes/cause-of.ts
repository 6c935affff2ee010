/** The known fault, or combination of faults, that reproduces a wrong answer. */
import {
  comparisonFor,
  compareTensors,
  sameShape,
  valuesIn,
  type Errors,
  type HostTensor,
  type Stages,
} from '@touchstone/contract';
import { explain, type Explanation } from '../core/explain.js';
import type { Method } from '../core/method.js';
import { knownFaults, otherQuestions, type Candidate } from './candidates.js';
import { finishesOf, mutantsOfMap, type Finish } from './finishes.js';
import type { Part } from './finish-step.js';

export interface WrongAnswer {
  readonly stages: Stages;
  /** The stages that are compared, in order of computation, with what is allowed at each. */
  readonly allowed: Readonly<Record<string, Errors>>;
  /** The first stage that differs from the reference. */
  readonly at: string;
  /** Whether every stage has one row per image, which is compared on its own. */
  readonly perImage: boolean;
}

export interface CauseOptions {
  /** The most runs of the method. */
  readonly most: number;
  /**
   * Only these mutants and kinds of other questions, alone or with a fault of the finished map; undefined: all mutants,
   * then other questions.
   */
  readonly only?: readonly string[] | undefined;
}

export interface Cause {
  /** One fault, or several that come together, in order. */
  readonly parts: readonly Part[];
  /** Distance of the reproduction at the stage that differs. */
  readonly e2: number;
  /** The same relative to the distance of the right answer. */
  readonly share: number;
  /** Other causes that reproduce the answer as well; `same`: they give the same as this one here. */
  readonly rivals: readonly { readonly parts: readonly Part[]; readonly same: boolean }[];
}

interface Match {
  readonly parts: readonly Part[];
  /** The number of stages that it reproduces. */
  readonly reproduced: number;
  readonly e2: number;
  /** As far as they are compared. */
  readonly stages: Stages;
}

/** Asks for the causes of wrong answers to one question; what each fault answers is computed once. */
export class CauseSearch {
  readonly #explanation: Explanation;
  readonly #candidates: {
    readonly itself: Candidate;
    readonly faults: readonly Candidate[];
    readonly others: readonly Candidate[];
  };
  readonly #answers = new Map<Candidate, Stages | undefined>();

  constructor(method: Method, explanation: Explanation) {
    this.#explanation = { ...explanation, control: { comparedOnly: true } };
    const params = method.params.parse(explanation.params ?? {});
    const ofMap = mutantsOfMap(finishesOf(method, params));
    this.#candidates = {
      itself: {
        parts: [],
        method,
        params: explanation.params,
        answer: async () => (await explain(method, this.#explanation)).stages,
      },
      faults: knownFaults(method, this.#explanation, ofMap),
      others: otherQuestions(method, this.#explanation),
    };
  }

  /**
   * A cause gives what the answer gives at the stage that differs and at all before it. Of several the one that gives
   * most of the later stages too, then the one of fewest faults, then the nearest. Null: no known one does.
   */
  async causeOf(wrong: WrongAnswer, { most, only }: CauseOptions): Promise<Cause | null> {
    const { itself, faults, others } = this.#candidates;
    const right = (await this.#answerOf(itself)) ?? {};
    const isAsked = ({ parts: [part] }: Candidate): boolean => only?.includes((part!.id ?? part!.kind)!) ?? true;
    let left = most;
    for (const candidates of [[itself, ...faults.filter(isAsked)], others.filter(isAsked)]) {
      const matches: Match[] = [];
      for (const candidate of candidates.slice(0, Math.max(left, 0))) {
        const stages = await this.#answerOf(candidate);
        if (stages !== undefined) matches.push(...matchesOf(candidate, stages, wrong, this.#explanation));
      }
      left -= candidates.length;
      const best = nearest(matches, right, wrong);
      if (best !== null) return best;
    }
    return null;
  }

  async #answerOf(candidate: Candidate): Promise<Stages | undefined> {
    if (!this.#answers.has(candidate)) this.#answers.set(candidate, await candidate.answer());
    return this.#answers.get(candidate);
  }
}

/** The candidate where it reproduces the answer, and with each fault of the finished map where they do. */
function matchesOf(
  { parts, method, params }: Candidate,
  stages: Stages,
  wrong: WrongAnswer,
  { x }: Explanation,
): Match[] {
  const size = x.shape.slice(2) as [number, number];
  const given = Object.keys(wrong.allowed);
  const needed = new Set(given.slice(0, given.indexOf(wrong.at) + 1));
  const isNeeded = (stage: string): boolean => needed.has(stage);
  const distances = new Map(given.map((stage) => [stage, distance(wrong, stage, stages[stage])]));
  const others = given.filter((stage) => stage !== 'attribution');
  if (others.some((stage) => isNeeded(stage) && distances.get(stage) === null)) return [];
  const match = (found: readonly Part[], attribution: HostTensor | undefined, e2: number | null): Match | null => {
    if (e2 === null && (isNeeded('attribution') || found.length > parts.length)) return null;
    const all = new Map(distances).set('attribution', e2);
    const reproduced = [...all.values()].filter((each) => each !== null).length;
    const kept = given.map((stage) => [stage, stage === 'attribution' ? attribution! : stages[stage]!] as const);
    return { parts: found, reproduced, e2: all.get(wrong.at)!, stages: Object.fromEntries(kept) };
  };
  const finished = given.includes('attribution')
    ? finishedMaps(finishesOf(method, method.params.parse(params ?? {})), stages, size, wrong)
        .filter((map) => !map.parts.some(({ id }) => id !== null && id === parts[0]?.id))
        .map((map) => match([...parts, ...map.parts], map.attribution, distance(wrong, 'attribution', map.attribution)))
    : [];
  const whole = parts.length === 0 ? null : match(parts, stages['attribution'], distances.get('attribution') ?? null);
  return [whole, ...finished].filter((found) => found !== null);
}

/** The attributions of an answer with each fault of the finished map, where they have the shape of the wrong one. */
function finishedMaps(
  finishes: readonly Finish[],
  stages: Stages,
  size: readonly [number, number],
  { stages: answer, allowed }: WrongAnswer,
): { parts: readonly Part[]; attribution: HostTensor }[] {
  const { shape } = answer['attribution']!;
  return finishes.flatMap(({ parts, spoils, apply, more }) => {
    const map = spoils !== undefined && Object.hasOwn(allowed, spoils) ? null : apply(stages, size, shape);
    if (map === null || !sameShape(map.shape, shape)) return [];
    const possible = more.filter((steps) => shape[0] !== 1 || !steps.some(({ needsBatch }) => needsBatch));
    const spoilt = possible.map((steps) => ({
      parts: [...parts, ...steps],
      attribution: steps.reduce((changed, step) => step.apply(changed), map),
    }));
    return parts.length === 0 ? spoilt : [{ parts, attribution: map }, ...spoilt];
  });
}

/** e2 if it and eMax are within what is allowed, else null. */
function distance(wrong: WrongAnswer, stage: string, found: HostTensor | undefined): number | null {
  const [answer, allowed] = [wrong.stages[stage]!, wrong.allowed[stage]!];
  if (found === undefined || !sameShape(found.shape, answer.shape)) return null;
  if (isFar(answer, found, allowed.eMax)) return null;
  const { e2, eMax } = comparisonFor(wrong.perImage)(answer, found);
  return e2 <= allowed.e2 && eMax <= allowed.eMax ? e2 : null;
}

/** Whether a finite value is further off than is allowed: most candidates end here, at the first values. */
function isFar({ data: answer }: HostTensor, { data: found }: HostTensor, allowed: number): boolean {
  let largest = 0;
  for (const value of found) if (Number.isFinite(value)) largest = Math.max(largest, Math.abs(value));
  const limit = 1.01 * allowed * largest;
  for (let i = 0; i < found.length; i++) if (Math.abs(answer[i]! - found[i]!) > limit) return true;
  return false;
}

/** Rounding of the answer: a distance below says nothing. */
const rounding = 2e-6;
/** Two causes give the same if float64 cannot tell them apart. */
const indistinct = 1e-9;
/** Most rivals, so that the answer stays short. */
const maxRivals = 12;

function nearest(matches: readonly Match[], right: Stages, wrong: WrongAnswer): Cause | null {
  const reproduced = Math.max(...matches.map((match) => match.reproduced));
  const fullest = matches.filter((match) => match.reproduced === reproduced);
  const least = Math.min(...fullest.map(({ e2 }) => e2));
  const near = fullest.filter(({ e2 }) => e2 <= Math.max(10 * least, rounding));
  const fewest = Math.min(...near.map(({ parts }) => parts.length));
  const [best, ...others] = near
    .filter(({ parts }) => parts.length === fewest)
    .toSorted((a, b) => Number(saysNothing(b)) - Number(saysNothing(a)));
  if (best === undefined) return null;
  const { e2: whole } = compareTensors(
    wrong.stages[wrong.at]!,
    right[wrong.at] ?? { shape: [], data: new Float64Array() },
  );
  // The answer is ours to the bit: no fault explains why the golden differs.
  if (whole === 0) return null;
  const rivals = others
    .filter(({ parts }) => nameOf(parts) !== nameOf(best.parts))
    .map(({ parts, stages }) => ({ parts, same: areSame(stages, best.stages) }));
  const distinct = rivals.filter(({ same }) => !same);
  return {
    parts: best.parts,
    e2: best.e2,
    share: whole === Infinity ? 0 : best.e2 / whole,
    rivals: [...distinct, ...rivals.filter(({ same }) => same)].slice(0, maxRivals),
  };
}

const nameOf = (parts: readonly Part[]): string => parts.map(({ id, fault }) => id ?? fault).join();

/** An answer of nothing but zeros or NaN is called so first: many faults end there. */
const saysNothing = ({ parts: [part] }: Match): boolean => part?.id === 'all-zeros' || part?.id === 'all-nan';

function areSame(a: Stages, b: Stages): boolean {
  return Object.entries(a).every(([name, stage]) => {
    const other = b[name];
    if (other === undefined || valuesIn(stage.shape) !== valuesIn(other.shape)) return false;
    return compareTensors(stage, other).e2 <= indistinct;
  });
}
