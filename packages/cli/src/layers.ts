import { plainText, TouchstoneError, type NetworkDescription, type Target } from '@touchstone/contract';
import { asIs, findMethod, isMap, lastMapOf, mapCalls, wantedOf } from '@touchstone/methods';
import {
  isReadFrom,
  modulePaths,
  readParts,
  weightReaders,
  type ModuleCall,
  type Positions,
} from '@touchstone/network';
import { coloursFor, formatTable } from '@touchstone/report';
import { readTarget } from './asked-target.js';
import { printAs, type JsonOutput } from './json-outputs.js';
import { readModelInput } from './model-input.js';
import { openNetwork } from './open-network.js';
import { print } from './output.js';

export interface LayersOptions {
  readonly network: string;
  readonly image?: string;
  readonly input?: string[];
  readonly target?: string;
  readonly json?: boolean;
  readonly golden: string;
}

type Layers = JsonOutput<'layers'>;
type Layer = Layers['layers'][number];

/** From the description alone: no backend, no weights, no pass. */
export async function runLayers(options: LayersOptions): Promise<void> {
  const { description } = openNetwork(options.network, options.golden);
  const target =
    options.target === undefined ? undefined : readTarget(options.target, description, findMethod('grad-cam'));
  const found = layersOf(
    description,
    await inputShape(description, options),
    target === 'likeliest' ? undefined : target,
  );
  if (options.json) printAs('layers', found);
  else print(...render(found));
}

async function inputShape(
  description: NetworkDescription,
  { image, input }: Pick<LayersOptions, 'image' | 'input'>,
): Promise<readonly number[]> {
  if (image === undefined && input === undefined) return [1, ...description.input.shape];
  const given = { ...(image !== undefined && { image }), ...(input !== undefined && { input }) };
  return (await readModelInput(given, description, { id: 'layers', fixtures: [] })).x.shape;
}

/** @throws TouchstoneError `bad-input` for images that do not fit the network */
export function layersOf(description: NetworkDescription, input: readonly number[], target?: Target): Layers {
  const calls = readParts(description, input, target && wantedOf(description, target));
  if (calls === null)
    throw new TouchstoneError(
      'bad-input',
      `images of [${input.join(',')}] do not fit the network`,
      'Give images of the size for which it was exported.',
    );
  const maps = new Set(mapCalls(calls, asIs).map(({ path }) => path));
  const called = new Set(calls.map(({ path }) => path));
  const readers = weightReaders(description);
  return {
    network: description.name,
    input,
    output: calls.at(-1)!.shape,
    default: defaultLayer(description, input, calls),
    layers: modulePaths(description).map((path) =>
      layer(
        path,
        description,
        calls.filter((call) => call.path === path),
        maps,
        (readers.get(path) ?? []).filter((reader) => called.has(reader)),
      ),
    ),
  };
}

function defaultLayer(
  description: NetworkDescription,
  input: readonly number[],
  calls: readonly ModuleCall[],
): Layers['default'] {
  try {
    const path = lastMapOf(description, input);
    const { shape } = calls.findLast((call) => call.path === path)!;
    const what = `the last leaf that returns maps of more than one pixel, [${shape.join(',')}]`;
    return { layer: path, reason: what, hint: null };
  } catch (error) {
    if (!(error instanceof TouchstoneError)) throw error;
    return { layer: null, reason: error.message, hint: error.hint ?? null };
  }
}

function typeOf({ modules }: NetworkDescription, path: string): string {
  const row = modules[path]!;
  return 'type' in row ? row.type : '';
}

/** Of a module that is called several times, the last call counts, as in Grad-CAM. */
function layer(
  path: string,
  description: NetworkDescription,
  calls: readonly ModuleCall[],
  maps: ReadonlySet<string>,
  weightsReadBy: string[],
): Layer {
  const last = calls.at(-1);
  const shape = last?.shape ?? null;
  const read = last?.read ?? new Set<number>();
  return {
    path,
    type: typeOf(description, path),
    leaf: last?.isLeaf ?? null,
    calls: calls.length,
    shape,
    form: shape === null ? null : maps.has(path) || isMap(shape, asIs) ? 'map' : shape.length === 3 ? 'tokens' : null,
    gradient: read === 'all' ? 'all' : isReadFrom(read) ? 'some' : 'none',
    read: read === 'all' ? 'all' : [...read].toSorted((a, b) => a - b),
    weightsReadBy,
    note: shape === null ? uncalledNote(path, weightsReadBy, description) : calledNote(calls.length, shape, read),
  };
}

/** Most positions that are listed. */
const most = 6;

/** A hook on a module that is never called sees nothing, also where its weights are read. */
function uncalledNote(path: string, readers: readonly string[], description: NetworkDescription): string {
  const [first, ...others] = readers;
  if (first === undefined) return 'forward never calls it';
  const around = first === '' ? 'the network' : `the ${typeOf(description, first)} around it`;
  const who = path.startsWith(first === '' ? '' : `${first}.`) ? around : first;
  const read = others.length > 0 ? `and ${others.length} more read` : 'reads';
  return `forward never calls it: ${who} ${read} its weights`;
}

function calledNote(calls: number, shape: readonly number[], read: Positions): string | null {
  const often = calls > 1 ? `called ${calls} times, the last counts` : null;
  return [often, gradientNote(shape, read)].filter((text) => text !== null).join('; ') || null;
}

function gradientNote(shape: readonly number[], read: Positions): string | null {
  if (read === 'all') return null;
  if (read.size === 0) return 'not read';
  const what = shape.length === 3 ? 'token' : shape.length === 4 ? 'channel' : 'value';
  const listed = [...read].toSorted((a, b) => a - b);
  const some = listed.slice(0, most).join(', ') + (listed.length > most ? ', …' : '');
  return listed.length > 1 ? `only ${what}s ${some} are read` : `only ${what} ${some} is read`;
}

function render({ network, input, output, default: { layer: chosen, reason, hint }, layers }: Layers): string[] {
  const colours = coloursFor(process.stdout);
  const rows = layers.map(({ path, type, shape, form, gradient, note }) => [
    { text: path === '' ? '(the network)' : path, ...(path === chosen && { colour: colours.green }) },
    { text: type },
    { text: shape === null ? '–' : `[${shape.join(',')}]` },
    { text: form ?? '–' },
    { text: gradient, ...(gradient === 'none' && { colour: colours.dim }) },
    { text: [path === chosen ? 'default of a CAM' : '', note ?? ''].filter((text) => text !== '').join('; ') },
  ]);
  const title = `${plainText(network)}: [${input.join(',')}] → [${output.join(',')}]`;
  const decision =
    chosen === null
      ? [`no layer is a CAM's default: ${reason}`, ...(hint === null ? [] : [hint])]
      : [`a CAM takes ${chosen} by default: ${reason}`];
  return [
    title,
    '',
    ...formatTable(
      ['layer', 'type', 'output', 'form', 'gradient', 'why'],
      rows,
      colours,
      process.stdout.columns ?? 100,
    ),
    '',
    ...(layers.some(({ gradient }) => gradient !== 'all')
      ? ['Only what is read on the way to the output, or to the target, has a gradient.']
      : []),
    ...decision.map((text) => plainText(text)),
  ];
}
