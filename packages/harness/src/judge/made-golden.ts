/**
 * The golden of an explanation that golden/ does not have: float64's answer, the error of float32 against it, and the
 * answers with a unit on the other side of its switch point. docs/adr/0015-made-goldens.md
 */
import {
  compareTensors,
  maxReferenceError,
  nonFiniteStages,
  TouchstoneError,
  valuesIn,
  type Errors,
  type GoldenMeta,
  type NetworkDescription,
  type Stages,
  type Target,
} from '@touchstone/contract';
import { shapesOf } from '@touchstone/network';
import { errorOf, type ExplainRequest, type Session, type SketchProbes } from '@touchstone/session';
import type { Golden } from '../golden/golden-store.js';
import type { Oracle } from './oracle.js';

/**
 * The largest distance from its switch point, relative to its layer's largest |value|, of a unit that float32 may have
 * on the other side: the furthest that was measured is 5.9e-7, of all goldens on cpu and wasm.
 */
const nearest = 1e-6;
/** As goldens store them. */
const maxFlips = 8;
const maxProbes = 64;

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
  const request = { ...asked, target: answer.target ?? { class: 0 } };
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
  const reference = errorsOf(answer.stages, forced);
  const hasSwitches = switchPoints.relus.length + switchPoints.pools.length > 0;
  const { flips, more } = hasSwitches
    ? await oracle.nearSwitchPoints(request, nearest, maxFlips)
    : { flips: [], more: false };
  const layers = layersOf(description, request.x.shape);
  const sketch = await oracle.sketch(request, layers);
  const golden = {
    stages: exact,
    postconditionStages: {},
    flips,
    sketch,
    meta: {
      case: id,
      stages: Object.keys(exact),
      reference,
      sampled: {},
      claimed: {},
      multiplyAdds: request.multiplyAdds ?? 0,
      margin: { relu: null, pool: null },
      atRisk: flips.length + (more ? 1 : 0),
      flips: flips.map((_, index) => ({ module: '', call: 0, index })),
      sketch: withNorms(layers, sketch),
      torch: 'none: made in float64',
    },
  };
  return { golden, request };
}

/** Of float32, per stage, under its own decisions at switch points. */
function errorsOf(single: Stages, forced: Stages): Record<string, Errors> {
  return Object.fromEntries(
    Object.entries(forced).map(([stage, exact]) => {
      const { e2, eMax } = compareTensors(single[stage]!, exact);
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

/** Where every layer is probed, in the order of execution, row 0. */
function layersOf(description: NetworkDescription, input: readonly number[]): GoldenMeta['sketch'] {
  const calls = new Map<string, number>();
  return (shapesOf(description, input)?.leaves ?? []).map(({ path, shape: [, ...shape] }) => {
    const call = calls.get(path) ?? 0;
    calls.set(path, call + 1);
    const size = valuesIn(shape);
    const count = Math.min(size, maxProbes);
    const indices = Array.from({ length: count }, (_, i) => Math.floor((i * size) / count));
    return { module: path, call, shape, indices, forward: 0, gradient: 0 };
  });
}

/** The norms of the rows, estimated from the probes. */
function withNorms(layers: GoldenMeta['sketch'], probes: readonly SketchProbes[]): GoldenMeta['sketch'] {
  return layers.slice(0, probes.length).map(({ module, call, shape, indices }, i) => {
    const scale = Math.sqrt(valuesIn(shape) / indices.length);
    const { forward, gradient } = probes[i]!;
    return {
      module,
      call,
      shape,
      indices,
      forward: scale * Math.hypot(...forward.data),
      gradient: gradient && scale * Math.hypot(...gradient.data),
    };
  });
}
