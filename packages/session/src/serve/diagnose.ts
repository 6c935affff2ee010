import {
  CauseSearch,
  checkPostconditions,
  explain,
  findMethod,
  nearSwitchPoints,
  type Cause,
  type Explained,
  type Explanation,
  type ExplainOptions,
} from '@touchstone/methods';
import { runProbes } from '@touchstone/network';
import type { Diagnosis, Question } from '../protocol.js';
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
      return (await run({ switchPoints: { record: 'decisions' } })).switchPoints!;
    case 'replay': {
      const own = question.own ? (await run()).stages : null;
      const { stages, difference } = await run({ switchPoints: { replay: question.switchPoints } });
      return { stages, own, difference: difference! };
    }
    case 'nearSwitchPoints':
      return nearSwitchPoints(method, explanation, question);
    case 'cause':
      return asData(await new CauseSearch(method, explanation).causeOf(question.wrong, question.options));
    case 'postconditions':
      return checkPostconditions(method, explanation, question.stages, question.golden);
  }
}

/** Without the functions of the parts: an answer is sent between processes. */
function asData(cause: Cause | null): Cause | null {
  const plain = (parts: Cause['parts']): Cause['parts'] =>
    parts.map(({ id, fault, remedy }) => ({ id, fault, remedy }));
  return (
    cause && {
      ...cause,
      parts: plain(cause.parts),
      rivals: cause.rivals.map(({ parts, same }) => ({ parts: plain(parts), same })),
    }
  );
}
