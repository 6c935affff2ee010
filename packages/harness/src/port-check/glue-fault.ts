/** Names the fault of the glue that gives the answers of a port. */
import { judgeStage, type HostTensor, type Judgement, type Stages } from '@touchstone/contract';
import type { Method } from '@touchstone/methods';
import { answerSuspects, factorSuspects } from './answer-suspects.js';
import type { Layout } from '@touchstone/port';
import { shapeInLayout } from '../port/shape-in-layout.js';
import type { Ask } from './known-answers.js';
import type { Probe } from './probes.js';
import { questionSuspects } from './question-suspects.js';
import type { Suspect } from './suspect.js';

/** What a port answered to a question, next to the right answer, at the first stage that differs. */
export interface JudgedAnswer {
  readonly probe: Probe;
  readonly stage: string;
  /** All that it answered. */
  readonly stages: Stages;
  readonly right: HostTensor;
  readonly got: HostTensor;
  readonly agrees: boolean;
}

/** Of the glue around any method, found on networks with known answers; a mutant is a fault of one method. */
export interface GlueFault {
  readonly says: string;
  readonly remedy: string;
  /** Whether it gives the answers to all questions, and these are numbers enough. */
  readonly certain: boolean;
}

/** float32 on these networks; the bounds are 16 times it. */
const float32Error = { e2: 2e-7, eMax: 2e-7 };
/** Of a shorter answer many faults are the same. */
const enoughValues = 20;

export function compare(got: HostTensor, right: HostTensor): Judgement {
  return judgeStage(got, right, float32Error);
}

/**
 * Values that are not finite, and what is wrong with the other answers. `null`: some are wrong, and no fault of the
 * glue gives them.
 */
export async function glueFaultsOf(
  method: Method,
  answers: readonly JudgedAnswer[],
  ask: Ask,
  layout: Layout,
): Promise<(GlueFault | null)[]> {
  const broken = answers.map(nonFinite);
  const found = new Map(broken.flatMap((fault) => (fault === null ? [] : [[fault.says, fault] as const])));
  const others = answers.filter((_, i) => broken[i] === null);
  const areWrong = others.some(({ agrees }) => !agrees);
  return [...found.values(), ...(areWrong ? [await glueFaultOf(method, others, ask, layout)] : [])];
}

/** The first suspect that gives the port's answers to all questions; else to the first that was answered wrongly. */
async function glueFaultOf(
  method: Method,
  answers: readonly JudgedAnswer[],
  ask: Ask,
  layout: Layout,
): Promise<GlueFault | null> {
  const first = answers.find(({ agrees }) => !agrees);
  if (first === undefined) return null;
  const early = kept(first, answers);
  if (early !== null) return early;
  const suspects = [...answerSuspects(layout), ...questionSuspects, ...factorSuspects(first.right, first.got)];
  for (const [asked, ofAll] of [
    [answers, true],
    [[first], false],
  ] as const) {
    for (const { says, remedy, ...suspect } of suspects) {
      const values = await valuesExplained(suspect, method, asked, ask);
      if (values !== null) return { says, remedy, certain: ofAll && values >= enoughValues };
    }
  }
  return otherShape(first, layout);
}

/** How many values of wrong answers the suspect gives; null: it does not give all answers. */
async function valuesExplained(
  { answer, question }: Pick<Suspect, 'answer' | 'question'>,
  method: Method,
  answers: readonly JudgedAnswer[],
  ask: Ask,
): Promise<number | null> {
  let values = 0;
  for (const { probe, stage, stages, right, got, agrees } of answers) {
    const misread = question?.(probe) ?? null;
    const candidates = misread ? await ask(method, misread) : { [stage]: answer?.(right, got) ?? null };
    for (const [name, candidate] of Object.entries(candidates)) {
      const given = stages[name];
      if (given === undefined) continue;
      if (candidate === null || compare(given, candidate).check !== null) return null;
      if (!agrees) values += given.data.length;
    }
  }
  return values;
}

function nonFinite({ probe, got, right }: JudgedAnswer): GlueFault | null {
  if (got.data.every(Number.isFinite) || !right.data.every(Number.isFinite)) return null;
  return probe.id === 'zero'
    ? { says: '0/0: a map of zeros becomes NaN or ±∞', remedy: 'Do not divide by a maximum of 0.', certain: true }
    : {
        says: 'the answer holds NaN or ±∞',
        remedy: 'Check what is divided, and what is read before it is written.',
        certain: true,
      };
}

/** A network of zeros, but the answer is not 0. */
function kept({ probe, stage, got, right }: JudgedAnswer, answers: readonly JudgedAnswer[]): GlueFault | null {
  if (probe.id !== 'zero' || got.data.length !== right.data.length) return null;
  if (right.data.some((value) => value !== 0) || got.data.every((value) => value === 0)) return null;
  const before = answers.find((other) => other.probe.id === 'identity')?.stages[stage];
  const isBefore = before !== undefined && compare(got, before).check === null;
  return {
    says: `a network of zeros does not give zeros${isBefore ? ': the answer is that of the network before' : ''}`,
    remedy: 'Load the weights of each job: the folder of the network changes from job to job.',
    certain: isBefore,
  };
}

function otherShape({ got, right }: JudgedAnswer, layout: Layout): GlueFault | null {
  if (got.shape.join() === right.shape.join()) return null;
  const shown = (shape: readonly number[]): string => shapeInLayout(shape.slice(0, 8), layout).join();
  return {
    says: `the shape is [${shown(got.shape)}], not [${shown(right.shape)}]${layout === 'NHWC' ? ' (NHWC)' : ''}`,
    remedy: 'Return the shape that docs/formats.md has for the stage.',
    certain: true,
  };
}
