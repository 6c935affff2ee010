/** The known fault that reproduces a wrong answer is its likely cause. */
import { oracleBackend } from '@touchstone/backends';
import {
  allowance,
  comparisonFor,
  maximum,
  permute,
  sameShape,
  type Errors,
  type HostTensor,
  type Stages,
  type Tier,
} from '@touchstone/contract';
import {
  ignoredReduce,
  stageInPlace,
  type Cause,
  type Reduce,
  type Remedy,
  type WrongAnswer,
} from '@touchstone/methods';
import { asKept, shapesOf, type Expected } from '../golden/golden-file.js';
import type { PortLanguage } from '../port/port.js';
import { isHalf, isInBytes } from './coarse-values.js';
import type { Layout } from '@touchstone/port';
import { constantFactor } from './constant-factor.js';
import { declaredNhwc, heightFirst, lostAxes, type ShapeFault } from './shape-faults.js';
import type { Oracle } from './oracle.js';
import type { ExplainRequest } from '@touchstone/session';

/** With fewer numbers, another fault may give the same ones by chance. */
const enoughNumbers = 20;
/** A reproduction that is not much nearer to the answer than the right answer is explains little of it. */
const largestShare = 0.05;

const sayLayout = `Return [N,C,H,W], or say the layout: layout: 'NHWC' of a port, --layout NHWC of "touchstone check".`;

const sayFloat32 = 'Compute and store float32, such as array.astype("float32") before anything is drawn.';

/** A wrong answer, and where it first differs. */
interface Wrong {
  readonly golden: Expected;
  readonly answer: Stages;
  readonly diverging: string;
  readonly tier: Tier;
}

/** Why an answer is wrong, for people. */
export interface LikelyCause {
  /** The first cause without how near it comes: the same for all answers that have it. */
  readonly fault: string;
  /** Of the mutants that reproduce the answer. */
  readonly mutants: readonly string[];
  /** Nothing else that is known gives the same, and enough numbers show it. */
  readonly certain: boolean;
  /** "likely cause: …" or, where it is not certain, "could be: …"; a line for each cause that may be meant. */
  readonly text: string;
  /** What to do about it, in the port's language; null: the fault says it. */
  readonly remedy: string | null;
  /** Others that reproduce the answer as well. */
  readonly alternatives: readonly Alternative[];
}

type Alternative = Pick<LikelyCause, 'fault' | 'mutants' | 'remedy'>;

/**
 * Why an answer is wrong; null: nothing that is known reproduces the stage that diverged and those before it.
 *
 * @param golden or what float64 computed: the stages, and the reference's error at each
 * @param diverging the first stage of the answer that differs
 * @param language of the port, for the remedy; left out: both are said
 * @param layout that the port declares
 */
export async function likelyCause(
  golden: Expected,
  answer: Stages,
  diverging: string,
  request: ExplainRequest,
  oracle: Pick<Oracle, 'cause'>,
  tier: Tier = 'float32',
  language?: PortLanguage,
  layout: Layout = 'NCHW',
): Promise<LikelyCause | null> {
  if (golden.stages[diverging] === undefined || answer[diverging] === undefined) return null;
  const wrong = { golden, answer, diverging, tier };
  const numbers = differingNumbers(wrong);
  if (numbers === 0) return null;
  const enough = numbers >= enoughNumbers;
  const ofShape = shapeFault(wrong, layout);
  if (ofShape !== null) return withoutMutant(ofShape.fault, numbers, ofShape.remedy);
  const plain = (fault: string, remedy: string | null = null): LikelyCause => withoutMutant(fault, numbers, remedy);
  const stage = otherStage(wrong);
  const reduce = request.params['reduce'] as Reduce | undefined;
  if (diverging === 'attribution' && reduce !== undefined && (stage === 'gradient' || stage === 'average')) {
    const { fault, remedy } = ignoredReduce(reduce, 'none');
    return plain(fault, inLanguage(remedy, language));
  }
  if (stage !== null) {
    const { fault, sizes, remedy } = stageInPlace(request.method, named(golden, stage), named(golden, diverging));
    const cause = plain(fault, inLanguage(remedy, language));
    return sizes === undefined ? cause : { ...cause, text: cause.text.replace(fault, `${fault}: ${sizes}`) };
  }
  if (isInNhwc(wrong)) return plain('NHWC: channels come last', sayLayout);
  if (exchangedAxes(wrong)) return plain('rows and columns exchanged', heightFirst(layout));
  const cause = await oracle.cause(request, asQuestion(wrong));
  if (cause !== null) return inWords(cause, diverging, enough ? null : numbers, language);
  const kept = asKept(golden, diverging, answer[diverging]!);
  const right = golden.stages[diverging]!;
  if (kept !== null && isHalf(right, kept)) return plain('values have half precision', sayFloat32);
  if (kept !== null && isInBytes(right, kept)) return plain('values are scaled to bytes, 0 to 255', sayFloat32);
  const factor = scaledByFactor(wrong);
  return factor === null ? null : plain(`off by the constant factor ${Number(factor.toPrecision(6))}`);
}

/** Of an answer that no known fault reproduces, and that a second run does not repeat. */
export function drawnAtRandom(language?: PortLanguage): LikelyCause {
  const fault = 'dropout is active, or the port draws random numbers of its own: a second run gave another answer';
  const remedy = {
    how: 'Run the network in evaluation mode, and take noise from the fixtures',
    javascript: 'model.apply(x, { training: false })',
    python: 'model.eval()',
  };
  return {
    fault,
    mutants: [],
    certain: false,
    text: `could be: ${fault}`,
    remedy: remedyOf([{ id: null, fault, remedy }], language),
    alternatives: [],
  };
}

/** The lines of a failure that say why. */
export function linesOf({ text, remedy }: LikelyCause): string[] {
  return [...text.split('\n'), ...(remedy === null ? [] : [`remedy: ${remedy}`])];
}

function withoutMutant(fault: string, numbers: number, remedy: string | null): LikelyCause {
  const certain = numbers >= enoughNumbers;
  const text = certain ? `likely cause: ${fault}` : `could be: ${fault}; ${fewNumbers(numbers)}`;
  return { fault, mutants: [], certain, text, remedy, alternatives: [] };
}

const fewNumbers = (numbers: number): string =>
  numbers === 1 ? 'a single number shows it' : `only ${numbers} numbers show it`;

function asQuestion({ golden, answer, diverging, tier }: Wrong): WrongAnswer {
  const given = Object.keys(golden.stages).filter((stage) => answer[stage] !== undefined);
  return {
    at: diverging,
    perImage: golden.perImage,
    stages: Object.fromEntries(given.map((stage) => [stage, answer[stage]!])),
    allowed: Object.fromEntries(given.map((stage) => [stage, allowance(golden.meta.reference[stage]!, tier)])),
  };
}

/** @param few the numbers that show it, if they are few */
function inWords(
  { parts, e2, share, rivals }: Cause,
  diverging: string,
  few: number | null,
  language: PortLanguage | undefined,
): LikelyCause {
  const precision = e2 === 0 ? 'the last bit' : e2.toExponential(0);
  const at = diverging === 'attribution' ? 'the output' : `stage "${diverging}"`;
  const others = rivalsInWords(rivals);
  const reproduces = `${mutantsOf(parts)} ${parts.length > 1 ? 'reproduce' : 'reproduces'} ${at} to ${precision}`;
  const causes = [`${faultsOf(parts)} (${reproduces})${few === null ? '' : `; ${fewNumbers(few)}`}`, ...others];
  const certain = few === null && share <= largestShare && rivals.every(({ same }) => same);
  return {
    ...alternative(parts, language),
    certain,
    text: `${certain ? 'likely cause' : 'could be'}: ${causes.join('\nor: ')}`,
    alternatives: rivals.map((rival) => alternative(rival.parts, language)),
  };
}

const alternative = (parts: Cause['parts'], language: PortLanguage | undefined): Alternative => ({
  fault: faultsOf(parts),
  mutants: parts.flatMap(({ id }) => id ?? []),
  remedy: remedyOf(parts, language),
});

/** Rivals that are explained; of the others the mutants are named. */
const maxRivals = 2;
const maxNamed = 4;

function rivalsInWords(rivals: Cause['rivals']): string[] {
  const explained = rivals.slice(0, maxRivals).map(({ parts, same }) => {
    return `${faultsOf(parts)} (${mutantsOf(parts)}${same ? ', which gives the same here' : ''})`;
  });
  const rest = rivals.slice(maxRivals).map(({ parts }) => parts.map(({ id, fault }) => id ?? fault).join(' + '));
  if (rest.length === 0) return explained;
  const named = rest.slice(0, maxNamed).join(', ');
  const more = rest.length > maxNamed ? `, and ${rest.length - maxNamed} more` : '';
  return [...explained, `${named}${more}, which ${rest.length === 1 ? 'gives' : 'give'} it too`];
}

const faultsOf = (parts: Cause['parts']): string => parts.map(({ fault }) => fault).join(', and ');

function mutantsOf(parts: Cause['parts']): string {
  const ids = parts.flatMap(({ id }) => id ?? []);
  if (ids.length < parts.length) return oracleBackend.id;
  return `${ids.length === 1 ? 'mutant' : 'mutants'} ${ids.join(' and ')}`;
}

/** One sentence for each fault. */
function remedyOf(parts: Cause['parts'], language: PortLanguage | undefined): string | null {
  const sentences = parts.flatMap(({ remedy }) => (remedy === null ? [] : [inLanguage(remedy, language)]));
  return sentences.length === 0 ? null : [...new Set(sentences)].join(' ');
}

function inLanguage({ how, javascript, python }: Remedy, language: PortLanguage | undefined): string {
  if (javascript === undefined || python === undefined) return `${how}.`;
  if (language !== undefined) return `${how}: ${language === 'python' ? python : javascript}.`;
  return `${how}: ${javascript} in TF.js, ${python} in PyTorch.`;
}

const named = (golden: Expected, name: string) => ({ name, shape: shapesOf(golden)[name]! });

/** The stage of another shape that the answer holds in place of the right one, dimensions of size 1 apart. */
function otherStage({ golden, answer, diverging, tier }: Wrong): string | null {
  const given = answer[diverging]!;
  if (sameLong(given.shape, shapesOf(golden)[diverging]!)) return null;
  const holds = ([stage, expected]: [string, HostTensor]): boolean => {
    if (stage === diverging || !sameLong(given.shape, expected.shape)) return false;
    return isNear(
      { ...given, shape: expected.shape },
      expected,
      allowance(golden.meta.reference[stage]!, tier),
      golden.perImage,
    );
  };
  return Object.entries(golden.stages).find(holds)?.[0] ?? null;
}

/** Whether the shapes have the same sizes above 1, in the same order. */
function sameLong(a: readonly number[], b: readonly number[]): boolean {
  const long = (shape: readonly number[]): readonly number[] => shape.filter((size) => size !== 1);
  return sameShape(long(a), long(b));
}

function shapeFault(wrong: Wrong, layout: Layout): ShapeFault | null {
  const { golden, answer, diverging } = wrong;
  const [given, expected] = [answer[diverging]!, shapesOf(golden)[diverging]!];
  return declaredNhwc(given, expected, layout, (tensor) => isRight(tensor, wrong)) ?? lostAxes(given, expected, layout);
}

/** Whether this would be the right stage in place of the one that diverges. */
function isRight(tensor: HostTensor, { golden, diverging, tier }: Wrong): boolean {
  const kept = asKept(golden, diverging, tensor);
  const allowed = allowance(golden.meta.reference[diverging]!, tier);
  return kept !== null && isNear(kept, golden.stages[diverging]!, allowed, golden.perImage);
}

function isInNhwc(wrong: Wrong): boolean {
  const { golden, answer, diverging } = wrong;
  const { shape } = answer[diverging]!;
  const [n, h, w, c] = shape as [number, number, number, number];
  if (shape.length !== 4 || !sameShape([n, c, h, w], shapesOf(golden)[diverging]!)) return false;
  return isRight(permute(answer[diverging]!, [0, 3, 1, 2]), wrong);
}

function exchangedAxes(wrong: Wrong): boolean {
  const { golden, answer, diverging } = wrong;
  const transposed = transposedBack(answer[diverging]!, shapesOf(golden)[diverging]!);
  return transposed !== null && isRight(transposed, wrong);
}

/** Says less than a known fault that gives the same, so it is asked last. */
function scaledByFactor({ golden, answer, diverging, tier }: Wrong): number | null {
  const expected = golden.stages[diverging]!;
  const kept = asKept(golden, diverging, answer[diverging]!);
  if (kept === null) return null;
  const factor = constantFactor(kept, expected);
  if (factor === null || factor === 1) return null;
  const scaled = { shape: expected.shape, data: expected.data.map((value) => value * factor) };
  const isScaled = isNear(kept, scaled, allowance(golden.meta.reference[diverging]!, tier), golden.perImage);
  return isScaled ? factor : null;
}

/** How many different numbers show a cause: of the golden those that the answer misses, of the answer all. */
function differingNumbers({ golden, answer, diverging, tier }: Wrong): number {
  const { data } = golden.stages[diverging]!;
  const kept = asKept(golden, diverging, answer[diverging]!);
  const allowed = allowance(golden.meta.reference[diverging]!, tier).eMax * maximum(data.map(Math.abs));
  const missed = new Set<number>();
  const given = new Set(Array.from(answer[diverging]!.data, (value) => Number(value.toPrecision(6))));
  for (const [i, value] of data.entries()) {
    const isNear = kept !== null && Math.abs(kept.data[i]! - value) <= allowed;
    if (!isNear) missed.add(Number(value.toPrecision(6)));
  }
  const saysNothing = given.size === 1; // nothing but zeros or NaN
  return saysNothing ? missed.size : Math.min(missed.size, given.size);
}

/** @param perImage of the golden */
function isNear(actual: HostTensor, expected: HostTensor, allowed: Errors, perImage: boolean): boolean {
  const { e2, eMax } = comparisonFor(perImage)(actual, expected);
  return e2 <= allowed.e2 && eMax <= allowed.eMax;
}

/**
 * The answer with rows and columns exchanged back, whether its shape was exchanged or not; null for other ranks and
 * sizes.
 */
function transposedBack({ data }: HostTensor, shape: readonly number[]): HostTensor | null {
  const [n, c, h, w] = shape as [number, number, number, number];
  if (shape.length !== 4 || data.length !== n * c * h * w) return null;
  return permute({ shape: [n, c, w, h], data }, [0, 1, 3, 2]);
}
