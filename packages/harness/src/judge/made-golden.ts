/**
 * The golden of an explanation that golden/ does not have: float64's answer, the error of float32 against it, and the
 * answers with a unit on the other side of its switch point. docs/adr/0015-made-goldens.md
 */
import {
  comparisonFor,
  maxReferenceError,
  nonFiniteStages,
  TouchstoneError,
  type Errors,
  type HostTensor,
  type NetworkDescription,
  type Stages,
  type Target,
} from '@touchstone/contract';
import { findMethod } from '@touchstone/methods';
import { multiplyAddsOf } from '@touchstone/network';
import { errorOf, type ExplainRequest, type Session } from '@touchstone/session';
import type { Golden } from '../golden/golden-file.js';
import { layersOf, withNorms } from './layer-probes.js';
import type { Oracle } from './oracle.js';

/**
 * The largest distance from its switch point, relative to its layer's largest |value|, of a unit that float32 may have
 * on the other side: the furthest that was measured is 5.9e-7, of all goldens on cpu and wasm.
 */
const nearest = 1e-6;
/** As goldens store them. */
const maxFlips = 8;

/** What is needed to make goldens: float64, and a session in single precision. */
export interface GoldenMaker {
  readonly oracle: Oracle;
  readonly single: Session;
}

export interface MadeGolden {
  readonly golden: Golden;
  /** The request with its target resolved. */
  readonly request: ExplainRequest & { readonly target: Target };
}

/** @throws TouchstoneError `unsupported` where float32 itself cannot be judged; what the method throws */
export async function makeGolden(
  id: string,
  asked: ExplainRequest,
  description: NetworkDescription,
  { oracle, single }: GoldenMaker,
): Promise<MadeGolden> {
  const answer = await single.explain(asked);
  if (answer.kind !== 'answered') throw errorOf(answer);
  // A method without a target has any.
  const request = { ...asked, target: answer.target ?? { class: 0 }, multiplyAdds: workOf(description, asked) };
  const switchPoints = await single.diagnose({ kind: 'switchPoints', request });
  const { own, stages: forced } = await oracle.replay(request, switchPoints, true);
  const exact = own!;
  const broken = nonFiniteStages(exact)[0];
  if (broken !== undefined)
    throw new TouchstoneError(
      'unsupported',
      `the stage "${broken}" of the right answer holds NaN or ±∞, so nothing can be compared with it`,
      'Choose another input or network.',
    );
  const { perImage } = findMethod(request.method).declares;
  const reference = errorsOf(answer.stages, forced, perImage);
  const hasSwitches = switchPoints.relus.length + switchPoints.pools.length > 0;
  const { flips, units, reach } = hasSwitches
    ? await oracle.nearSwitchPoints(request, nearest, maxFlips)
    : { flips: [], units: 0, reach: null };
  const layers = layersOf(description, request.x.shape);
  const sketch = await oracle.sketch(request, layers);
  const golden = {
    stages: exact,
    postconditionStages: {},
    flips,
    perImage,
    ...(reach !== null && { reach }),
    sketch,
    meta: {
      case: id,
      stages: Object.keys(exact),
      reference,
      sampled: {},
      claimed: {},
      multiplyAdds: request.multiplyAdds,
      margin: { relu: null, pool: null },
      atRisk: units,
      flips: flips.map((_, index) => ({ module: '', call: 0, index })),
      sketch: withNorms(layers, sketch),
      torch: 'none: made in float64',
    },
  };
  return { golden, request };
}

/** Multiply-adds of one run; a backward pass costs about as much as a forward pass. */
export function workOf(
  description: NetworkDescription,
  { x, params }: { readonly x: Pick<HostTensor, 'shape'>; readonly params: ExplainRequest['params'] },
): number {
  const samples = (params['samples'] as number | undefined) ?? 1;
  return 2 * samples * multiplyAddsOf(description, x.shape);
}

/** Of float32, per stage, under its own decisions at switch points; of the worst image where each is compared. */
function errorsOf(single: Stages, forced: Stages, perImage: boolean): Record<string, Errors> {
  return Object.fromEntries(
    Object.entries(forced).map(([stage, exact]) => {
      const { e2, eMax } = comparisonFor(perImage)(single[stage]!, exact);
      if (!(Math.max(e2, eMax) <= maxReferenceError))
        throw new TouchstoneError(
          'unsupported',
          `float32 itself is off by ${e2.toExponential(1)} at stage "${stage}": its rounding hides what is right`,
          'Choose another input, layer or network.',
        );
      return [stage, { e2, eMax }];
    }),
  );
}
