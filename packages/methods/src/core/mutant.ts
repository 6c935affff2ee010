/**
 * Correct methods with one known fault. The harness must reject each; and when a port fails, the mutant that reproduces
 * its output is the likely cause.
 */
import type { HostTensor, Stages } from '@touchstone/contract';
import type { GradientRules } from '@touchstone/network';
import { explain, type Explanation } from './explain.js';
import type { Method } from './method.js';

/** What to do about a fault: an imperative clause, and its code where the two languages differ. */
export interface Remedy {
  readonly how: string;
  /** In TensorFlow.js. */
  readonly javascript?: string | undefined;
  /** In PyTorch. */
  readonly python?: string | undefined;
}

export function remedy(how: string, javascript?: string, python?: string): Remedy {
  return { how, ...(javascript !== undefined && { javascript }), ...(python !== undefined && { python }) };
}

export interface Mutant {
  readonly id: string;
  /** The fault, as the port's author reads it. */
  readonly fault: string;
  readonly remedy: Remedy;
  /** Ids of the methods that it spoils. */
  readonly of: readonly string[];
  /** Parameters with which the fault shows, if it does not with the brief ones. */
  readonly shows?: { readonly params: Readonly<Record<string, unknown>> };
  /** Whether the fault can change this answer; undefined: always. Where it cannot, the answer is the right one. */
  readonly applies?: (explanation: Explanation) => boolean;
  readonly explain: (method: Method, explanation: Explanation) => Promise<Stages>;
}

/** The method with one step replaced. */
export function replacing(id: string, fault: string, remedy: Remedy, variant: Method): Mutant {
  return {
    id,
    fault,
    remedy,
    of: [variant.id],
    explain: async (_method, explanation) => (await explain(variant, explanation)).stages,
  };
}

/** Any of the methods under other gradient rules, as far as it does not set them itself. */
export function underRules(
  id: string,
  fault: string,
  remedy: Remedy,
  of: readonly string[],
  rules: Partial<GradientRules>,
): Mutant {
  return {
    id,
    fault,
    remedy,
    of,
    explain: (method, explanation) =>
      explanation.network.withRules(rules, async () => (await explain(method, explanation)).stages),
  };
}

/** The right answer of any of the methods, with every stage spoilt afterwards. */
export function spoiling(
  id: string,
  fault: string,
  remedy: Remedy,
  of: readonly string[],
  spoil: (stage: HostTensor) => HostTensor,
): Mutant {
  return {
    id,
    fault,
    remedy,
    of,
    explain: async (method, explanation) => {
      const { stages } = await explain(method, explanation);
      return Object.fromEntries(Object.entries(stages).map(([name, stage]) => [name, spoil(stage)]));
    },
  };
}
