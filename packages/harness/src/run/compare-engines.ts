/** Do two engines agree on a network, and where do they part? */
import { compareTensors, TouchstoneError, type HostTensor, type NetworkDescription } from '@touchstone/contract';
import { nameModules, findMethod, type AskedTarget } from '@touchstone/methods';
import type { Answered, ExplainRequest } from '@touchstone/session';
import { tolerated } from '../judge/diagnose.js';
import { layersOf, probesIn, stageOf, type Layers } from '../judge/layer-probes.js';
import { Oracle } from '../judge/oracle.js';
import type { Port } from '../port/port.js';
import { faultsOf, openPorts, type PortChoice } from './open-ports.js';

export interface ComparedLayer {
  readonly layer: string;
  readonly type: string;
  /** Of one image. */
  readonly shape: readonly number[];
  /** Distance of the outputs, ∞ for another shape or NaN; null: one of the engines does not give it. */
  readonly forward: number | null;
  /** Distance of the gradients of the target at the output. */
  readonly gradient: number | null;
}

export interface ComparedEngines {
  readonly engines: readonly [string, string];
  /** In order of execution. */
  readonly layers: readonly ComparedLayer[];
  /** Of the gradient of the target at the image. */
  readonly input: number | null;
  /** Names of layers; null: none differs. */
  readonly firstForward: string | null;
  readonly firstBackward: string | null;
  /** Where the gradients differ because of rounding alone: units of each on the other side of their switch point. */
  readonly flipped: readonly [number, number] | null;
  /** The methods of which a second run gave other bits, as `ENGINE, METHOD`: what they answered is not one answer. */
  readonly unrepeated: readonly string[];
  /** What a port did against the rules of ports: whatever it answered does not count. */
  readonly faults: readonly string[];
}

/** Whether both engines give one thing at least. */
export function isCompared({ layers, input }: ComparedEngines): boolean {
  return input !== null || layers.some(({ forward, gradient }) => forward !== null || gradient !== null);
}

/** `not comparable`: nothing was compared, or a port broke the rules, so that what it answered does not count. */
export function verdictOfCompared(compared: ComparedEngines): 'agree' | 'differ' | 'not comparable' {
  const { firstForward, firstBackward, unrepeated, faults } = compared;
  if (firstForward !== null || firstBackward !== null || unrepeated.length > 0) return 'differ';
  return faults.length > 0 || !isCompared(compared) ? 'not comparable' : 'agree';
}

export interface CompareOptions {
  readonly networkFolder: string;
  readonly description: NetworkDescription;
  readonly x: HostTensor;
  /** `likeliest`: the top class of the first engine. */
  readonly target: AskedTarget;
  readonly engines: readonly [PortChoice, PortChoice];
  readonly deadlineMs: number;
  readonly signal?: AbortSignal | undefined;
  readonly onPrinted?: ((line: string) => void) | undefined;
  readonly onStep?: ((step: string) => void) | undefined;
}

/** What one engine gives. */
interface Run {
  readonly forward: readonly (HostTensor | null)[];
  readonly gradient: readonly (HostTensor | null)[];
  readonly input: HostTensor | null;
  /** Methods of which a second run gave other bits. */
  readonly unrepeated: readonly string[];
}

/** @throws TouchstoneError where an engine cannot be opened, or answers nothing of what is asked */
export async function compareEngines(given: CompareOptions): Promise<ComparedEngines> {
  const { description, x, deadlineMs, signal, onStep } = given;
  const layers = layersOf(description, x.shape);
  const started: Port[] = [];
  const oracle = new Oracle({ deadlineMs, signal });
  try {
    const ports: Port[] = [];
    for (const choice of given.engines) ports.push(await open(choice, given, started));
    const options = await withTarget(given, ports[0]!);
    const runs: Run[] = [];
    for (const port of ports) {
      onStep?.(`running ${port.id}`);
      runs.push(await runOn(port, layers, options));
    }
    const [a, b] = ports as [Port, Port];
    const found = distances(layers, runs as [Run, Run], description);
    const differs = found.input === null ? false : found.input > tolerated;
    const inputs = runs.map(({ input }) => input);
    const flipped = differs && found.firstForward === null ? await flippedUnits([a, b], inputs, options, oracle) : null;
    const firstBackward = flipped === null ? firstBackwardOf(found.layers, found.input) : null;
    const faults = signal?.aborted ? [] : await faultsOf(ports);
    const unrepeated = runs.flatMap((run, i) => run.unrepeated.map((method) => `${ports[i]!.id}, ${method}`));
    return { engines: [a.id, b.id], ...found, firstBackward, flipped, unrepeated, faults };
  } finally {
    for (const port of [...started, oracle]) port.stop();
  }
}

async function withTarget(options: CompareOptions, port: Port): Promise<CompareOptions> {
  if (options.target !== 'likeliest') return options;
  const target = (await answerOf(port, gradientRequest(options)))?.target;
  return { ...options, target: target ?? options.target };
}

async function open(choice: PortChoice, options: CompareOptions, started: Port[]): Promise<Port> {
  const { deadlineMs, signal, onPrinted } = options;
  // `openPorts` opens every port of its list.
  const own: Port[] = [];
  const { opened } = await openPorts(choice, [], { deadlineMs, signal, onPrinted }, own).finally(() =>
    started.push(...own),
  );
  const { port, state } = opened[0]!;
  if (state.kind === 'ready') return port;
  throw new TouchstoneError('backend-unavailable', `${port.id} is unavailable: ${state.reason}`);
}

function requestOf(method: string, params: Readonly<Record<string, unknown>>, options: CompareOptions): ExplainRequest {
  const { networkFolder, description, x, target } = options;
  return {
    case: `${method}/compared/x`,
    method,
    networkFolder,
    x,
    target,
    params: nameModules(findMethod(method), params, description, x.shape, `the parameters of ${method}`),
    fixtures: {},
    maxValues: 2 ** 28,
  };
}

const gradientRequest = (options: CompareOptions): ExplainRequest => requestOf('saliency', { reduce: 'none' }, options);

async function runOn(port: Port, layers: Layers, options: CompareOptions): Promise<Run> {
  const asked = gradientRequest(options);
  const backward = await answerOf(port, asked);
  const input = backward?.stages['attribution'] ?? null;
  const probes = await port.sketch(asked, layers);
  if (probes !== null) {
    const [forward, gradient] = [probes.map((probe) => probe.forward), probes.map((probe) => probe.gradient)];
    return { forward, gradient, input, unrepeated: unrepeatedOf({ saliency: backward }) };
  }
  const forward = await answerOf(port, requestOf('activations', {}, options));
  if (forward === null && backward === null)
    throw new TouchstoneError(
      'unsupported',
      `${port.id} has neither "activations" nor "saliency", so there is nothing to compare`,
      'Give the port one of these methods.',
    );
  const unrepeated = unrepeatedOf({ activations: forward, saliency: backward });
  return { forward: probesIn({ ...forward?.stages }, layers), gradient: [], input, unrepeated };
}

function unrepeatedOf(answers: Readonly<Record<string, Answered | null>>): string[] {
  return Object.keys(answers).filter((method) => (answers[method]?.unrepeated ?? null) !== null);
}

/** null: it is not supported. */
async function answerOf(port: Port, request: ExplainRequest): Promise<Answered | null> {
  const answer = await port.explain(request);
  if (answer.kind === 'answered') return answer;
  if (answer.kind === 'skipped') return null;
  throw new TouchstoneError(answer.code, `${port.id}: ${answer.reason}`, answer.hint);
}

function distances(layers: Layers, [a, b]: readonly [Run, Run], { modules }: NetworkDescription) {
  const compared = layers.map((layer, i): ComparedLayer => ({
    layer: stageOf(layer),
    type: (modules[layer.module] as { readonly type?: string }).type ?? '',
    shape: layer.shape,
    forward: distance(a.forward[i], b.forward[i]),
    gradient: distance(a.gradient[i], b.gradient[i]),
  }));
  const first = compared.find(({ forward }) => forward !== null && !(forward <= tolerated));
  return { layers: compared, input: distance(a.input, b.input), firstForward: first?.layer ?? null };
}

function firstBackwardOf(layers: readonly ComparedLayer[], input: number | null): string | null {
  const first = layers.findLast(({ gradient }) => gradient !== null && !(gradient <= tolerated));
  return first?.layer ?? (input === null || input <= tolerated ? null : 'the image');
}

function distance(a: HostTensor | null | undefined, b: HostTensor | null | undefined): number | null {
  return a && b ? compareTensors(b, a).e2 : null;
}

/** Units at switch points, if they alone are why the gradients differ; else null. */
async function flippedUnits(
  ports: readonly Port[],
  inputs: readonly (HostTensor | null)[],
  options: CompareOptions,
  oracle: Oracle,
): Promise<readonly [number, number] | null> {
  const request = gradientRequest(options);
  const counts: number[] = [];
  for (const [i, port] of ports.entries()) {
    const switchPoints = await port.switchPoints(request);
    if (switchPoints === null) return null;
    const { stages, difference } = await oracle.replay(request, switchPoints, false);
    if (!(distance(stages['attribution'], inputs[i])! <= tolerated)) return null;
    counts.push(difference.flipped);
  }
  return counts as [number, number];
}
