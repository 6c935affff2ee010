import { sameBits } from '@touchstone/contract';
import {
  checkPostconditions,
  explain,
  findMethod,
  mutants,
  type Explained,
  type Explanation,
  type ExplainOptions,
} from '@touchstone/methods';
import { runProbes } from '@touchstone/network';
import type { Diagnosis, MutantAnswer, Question } from '../protocol.js';
import type { ExplainRequest } from '../request.js';

interface Asked {
  explanationOf(request: ExplainRequest): Promise<Explanation>;
  /** Registers TF.js's own gradients. */
  registerStockGradients(): void | Promise<void>;
}

/** The answer to a question about our own methods. Throws what they throw. */
export async function diagnose(question: Question, engine: Asked): Promise<Diagnosis[Question['kind']]> {
  if (question.kind === 'probes') return runProbes(question.questions, () => engine.registerStockGradients());
  const { request } = question;
  const method = findMethod(request.method);
  const explanation = await engine.explanationOf(request);
  const run = (options?: ExplainOptions): Promise<Explained> => explain(method, explanation, options);
  switch (question.kind) {
    case 'sketch':
      return (await run({ sketch: question.sketch })).sketch!;
    case 'switchPoints':
      return (await run({ switchPoints: { record: true } })).switchPoints!;
    case 'replay': {
      const own = question.own ? (await run()).stages : null;
      const { stages, difference } = await run({ switchPoints: { replay: question.switchPoints } });
      return { stages, own, difference: difference! };
    }
    case 'mutants':
      return answersOfMutants(question, explanation);
    case 'postconditions':
      return checkPostconditions(method, explanation, question.stages, question.golden);
  }
}

/** Those of the first `most` that throw, lack a stage, or leave the stage `at` as it is are left out. */
async function answersOfMutants(
  { request, stages, at, most }: Extract<Question, { kind: 'mutants' }>,
  explanation: Explanation,
): Promise<MutantAnswer[]> {
  const method = findMethod(request.method);
  const comparedOnly = { ...explanation, control: { comparedOnly: true } };
  const itsMutants = mutants
    .filter(({ of, applies }) => of.includes(request.method) && (applies?.(comparedOnly) ?? true))
    .slice(0, most);
  const right = (await explain(method, comparedOnly)).stages[at];
  const answers: MutantAnswer[] = [];
  for (const { id, fault, explain: explainWrongly } of itsMutants) {
    try {
      const answer = await explainWrongly(method, comparedOnly);
      if (answer[at] === undefined || (right !== undefined && sameBits(answer[at], right))) continue;
      const asked = stages.flatMap((stage) => (answer[stage] === undefined ? [] : [[stage, answer[stage]] as const]));
      if (asked.length === stages.length) answers.push({ id, fault, stages: Object.fromEntries(asked) });
    } catch {
      // A fault may be impossible here: it explains nothing.
    }
  }
  return answers;
}
