/** What must hold for an embedding, however it was found. */
import type { HostTensor } from '@touchstone/contract';
import type { Postcondition, PostconditionJob } from '../core/method.js';
import { activationRows } from './activation-rows.js';
import {
  conditionalProbabilities,
  divergence,
  normalised,
  squaredDistances,
  symmetrised,
  type Matrix,
} from './probabilities.js';
import { trustworthiness } from './trustworthiness.js';

/**
 * Allowed distances: of KL from scikit-learn's, as a share; of the trustworthiness below scikit-learn's; of P, relative
 * to its maximum.
 */
const allowed = { divergence: 0.02, trustworthiness: 0.01, probability: 1e-5 };
/** Allowed distance of the figures in an answer from those of its embedding. */
const honest = 1e-3;

export async function postconditionsOf({
  network,
  x,
  params,
  stages,
  golden,
}: PostconditionJob<{ layer: string | null; perplexity: number }>): Promise<Postcondition[]> {
  const distances = squaredDistances(await activationRows(network, x, params.layer));
  const conditional = conditionalProbabilities(distances, Math.log(params.perplexity));
  const joint = normalised(symmetrised(conditional));
  const off = [furthest(stages['conditional'], conditional), furthest(stages['joint'], joint)];
  const end = stages['attribution']!.data;
  const [kl, trust] = [divergence(joint, end), trustworthiness(distances, end)];
  const [wantedKl, wantedTrust] = [golden['kl']!.data[0]!, golden['trustworthiness']!.data[0]!];
  // Both are optional for a port.
  const saidKl = stages['kl']?.data[0] ?? kl;
  const saidTrust = stages['trustworthiness']?.data[0] ?? trust;
  return [
    {
      name: 'probabilities',
      holds: off.every((share) => share <= allowed.probability),
      text:
        `conditional and joint P are off by up to ${off.map(short).join(' and ')} of their maximum; ` +
        `${allowed.probability} is allowed`,
    },
    {
      name: 'divergence',
      holds: Math.abs(kl - wantedKl) <= allowed.divergence * wantedKl,
      text:
        `KL(P‖Q) of the embedding is ${short(kl)}; ` +
        `scikit-learn's exact method reaches ${short(wantedKl)}, 2 % are allowed`,
    },
    {
      name: 'trustworthiness',
      holds: trust >= wantedTrust - allowed.trustworthiness,
      text:
        `the embedding's trustworthiness is ${short(trust)}; ` +
        `scikit-learn's is ${short(wantedTrust)}, 0.01 less is allowed`,
    },
    {
      name: 'honest',
      holds: Math.abs(saidKl - kl) <= honest * kl && Math.abs(saidTrust - trust) <= honest,
      text:
        `the answer says KL ${short(saidKl)} and trustworthiness ${short(saidTrust)}; ` +
        `of its embedding they are ${short(kl)} and ${short(trust)}`,
    },
  ];
}

/** max|stage − P|/max P, over all of it. */
function furthest(stage: HostTensor | undefined, { data }: Matrix): number {
  if (stage?.data.length !== data.length) return Infinity;
  let [off, size] = [0, 0];
  for (const [at, p] of data.entries()) {
    off = Math.max(off, Math.abs(stage.data[at]! - p));
    size = Math.max(size, p);
  }
  return off / size;
}

function short(value: number): string {
  return String(Number(value.toPrecision(5)));
}
