/** The only entry: plain memory in, plain memory out, no tensor left on the backend. */
import type * as tf from '@tensorflow/tfjs-core';
import {
  isFiniteInFloat32,
  parse,
  TouchstoneError,
  unknownName,
  valuesIn,
  type GoldenMeta,
  type HostTensor,
  type Stages,
  type Target,
} from '@touchstone/contract';
import { fromHost, scoped, toHost, Variable, type Network } from '@touchstone/network';
import {
  recordSwitchPoints,
  recordSwitchValues,
  replaySwitchPoints,
  type SwitchPointDifference,
  type SwitchPoints,
  type SwitchValues,
} from './switch-points.js';
import type { Postcondition, RunControl, Method, MethodJob } from './method.js';
import { checkTarget, likeliestOf, type AskedTarget } from './target.js';
import { recordSketch, type SketchProbe } from './sketch.js';
import { noteOn } from './other-activations.js';
import { splitImages } from './split-images.js';
import { checkPool, type WorkerPool } from './worker-pool.js';

export interface Explanation {
  readonly network: Network;
  /** The preprocessed images, [N,C,H,W]. */
  readonly x: HostTensor;
  readonly target: AskedTarget;
  /** Those that differ from the defaults. */
  readonly params: unknown;
  readonly fixtures: Readonly<Record<string, HostTensor>>;
  /** Watches, stops or resumes an iterated method. */
  readonly control?: RunControl;
  /** Workers with the same network, used if the method can share its work. Their answers have the same bits. */
  readonly pool?: WorkerPool;
  /**
   * The most bytes for the activations of one pass, a property of the backend. Decides how many samples share a pass,
   * never the answer.
   */
  readonly passBytes?: number;
}

export interface ExplainOptions {
  /** The stages to read back; undefined: all. */
  readonly stages?: readonly string[] | undefined;
  /** Whether to return the network's output too: for the images, or for those that the method makes. */
  readonly wantLogits?: boolean;
  /** Where to probe the layers of the first pass; for diagnosis. */
  readonly sketch?: GoldenMeta['sketch'];
  /**
   * Records the decisions at switch points, or forces recorded ones; for arbitration. Not for methods that set a
   * pooling rule.
   */
  readonly switchPoints?: { readonly record: 'decisions' | 'values' } | { readonly replay: SwitchPoints };
}

export interface Explained {
  readonly stages: Stages;
  /** The target with `likeliest` resolved; null: the method has no target. */
  readonly target: Target | null;
  /** The network's output, [N,classes] of a classifier, if it was requested. */
  readonly logits?: HostTensor;
  readonly sketch?: SketchProbe[];
  /** If they were to be recorded. */
  readonly switchPoints?: SwitchPoints | SwitchValues;
  /** If they were replayed. */
  readonly difference?: SwitchPointDifference;
}

/**
 * Runs a method on the current backend, one at a time.
 *
 * @throws `bad-params`, `bad-input` with the field and the remedy; `unsupported` for a network that has nothing of what
 * the method replaces
 */
export async function explain(
  method: Method,
  explanation: Explanation,
  options: ExplainOptions = {},
): Promise<Explained> {
  const { network, x, pool, target } = explanation;
  const params = checked(method, explanation);
  const hasTarget = !method.without?.includes('target');
  const { wantLogits = false } = options;
  const { makesImage = false } = method;
  const needsLogits = (wantLogits && !makesImage) || (hasTarget && target === 'likeliest');
  // A method that does not use the images has the logits of others.
  const ownLogits = needsLogits && !method.without?.includes('image');
  const ofMadeImages = wantLogits && makesImage;
  const needed = [...(ownLogits ? ['logits'] : []), ...(ofMadeImages ? ['attribution'] : [])];
  const stages = options.stages?.concat(needed);
  const looksInside = options.sketch !== undefined || options.switchPoints !== undefined;
  const answer =
    pool && !looksInside && method.parallelOver === 'images' && x.shape[0]! > 1
      ? { stages: await splitImages(pool, method, params, x, target, stages) }
      : await run(method, looksInside ? alone(explanation) : explanation, params, { ...options, stages });
  const logits = needsLogits ? (ownLogits && answer.stages['logits']) || (await logitsOf(network, x)) : undefined;
  const made = ofMadeImages ? await logitsOf(network, answer.stages['attribution']!) : undefined;
  for (const stage of needed) if (!(options.stages?.includes(stage) ?? true)) delete answer.stages[stage];
  return {
    ...answer,
    target: !hasTarget ? null : target === 'likeliest' ? likeliestOf(logits!) : target,
    ...(wantLogits && { logits: made ?? logits! }),
  };
}

const recordings = { decisions: recordSwitchPoints, values: recordSwitchValues };

/** One run on this backend, which reads back the wanted stages. */
async function run(
  method: Method,
  explanation: Explanation,
  params: unknown,
  { stages: wanted, sketch, switchPoints }: ExplainOptions,
): Promise<Omit<Explained, 'target'>> {
  const { network } = explanation;
  return scoped(async () => {
    const recorder = sketch && recordSketch(network, sketch);
    const recording = switchPoints && 'record' in switchPoints ? recordings[switchPoints.record]() : undefined;
    const replay = switchPoints && 'replay' in switchPoints ? replaySwitchPoints(switchPoints.replay) : undefined;
    try {
      const job = jobOf(explanation, params);
      const tensors = await network.withRules({ ...recording?.rules, ...replay?.rules }, () => method.run(job));
      wanted?.forEach((stage) => checkStage(stage, method, Object.keys(tensors)));
      const stages: Stages = {};
      for (const [name, tensor] of Object.entries(tensors))
        if (wanted?.includes(name) ?? true) stages[name] = await toHost(tensor);
      return {
        stages,
        ...(recorder && { sketch: await recorder.read() }),
        ...(recording && { switchPoints: await recording.read() }),
        ...(replay && { difference: await replay.read() }),
      };
    } finally {
      recorder?.stop();
      recording?.stop();
      replay?.stop();
    }
  });
}

/** A stage that the method declares may be missing from an answer, such as `display`. @throws `unknown-name` */
function checkStage(stage: string, method: Method, answered: readonly string[]): void {
  if (stage !== 'logits' && !answered.includes(stage) && !Object.hasOwn(method.stages, stage))
    throw unknownName('stage', stage, answered);
}

/** A separate pass, for a method whose stages have no logits of the images. */
function logitsOf(network: Network, x: HostTensor): Promise<HostTensor> {
  return scoped(() => toHost(network.call(Variable.leaf(fromHost(x))).value));
}

/**
 * The method's postconditions, checked for an answer on the current backend, one at a time.
 *
 * @param stages the answer, NCHW, untrusted
 * @param golden the stages that postconditions judge, as far as the golden stores them
 * @throws `bad-params`, `bad-input`; `internal` where the method has no postconditions
 */
export async function checkPostconditions(
  method: Method,
  explanation: Explanation,
  stages: Stages,
  golden: Stages,
): Promise<Postcondition[]> {
  const params = checked(method, explanation);
  if (method.postconditions === undefined)
    throw new TouchstoneError('internal', `${method.id} has stages that postconditions judge, but no postconditions`);
  const target =
    explanation.target === 'likeliest'
      ? likeliestOf(await logitsOf(explanation.network, explanation.x))
      : explanation.target;
  return scoped(async () => method.postconditions!({ ...jobOf(explanation, params), target, stages, golden }));
}

/** Recording and forcing happen on this backend, in the compared steps, so workers and later steps are left out. */
function alone({ network, x, target, params, fixtures }: Explanation): Explanation {
  return { network, x, target, params, fixtures, control: { comparedOnly: true } };
}

/** The parameters, defaults included. */
function checked(method: Method, explanation: Explanation): unknown {
  const { network, x, target, params } = explanation;
  checkPool(explanation.pool, network.description);
  noteOn(method, network.description);
  const { shape } = network.description.input;
  if (x.shape.length !== 4 || x.shape[1] !== shape[0] || x.shape[0]! < 1) {
    throw new TouchstoneError(
      'bad-input',
      `x has shape [${x.shape.join(',')}], expected [N,${shape.join(',')}]`,
      'Give images as [N,C,H,W].',
    );
  }
  for (const [name, tensor] of [['x', x] as const, ...Object.entries(explanation.fixtures)]) checkTensor(name, tensor);
  checkTarget(target, x.shape[0]!);
  return parse(method.params, params, `the parameters of ${method.id}`, 'bad-params');
}

/** @throws `bad-tensors` */
function checkTensor(name: string, { shape, data }: HostTensor): void {
  if (!shape.every((size) => Number.isSafeInteger(size) && size >= 0) || valuesIn(shape) !== data.length)
    throw new TouchstoneError(
      'bad-tensors',
      `${name} has ${data.length} values, which is not its shape [${shape.join(',')}]`,
      'Give a shape whose product is the number of values.',
    );
  if (!isFiniteInFloat32(data))
    throw new TouchstoneError(
      'bad-tensors',
      `${name} has a value that is NaN, ±∞ or too large for float32`,
      'Correct it where it is made.',
    );
}

function jobOf({ x, ...given }: Explanation, params: unknown): MethodJob<unknown> {
  return { ...given, x: fromHost(x) as tf.Tensor4D, params };
}
