import { TouchstoneError } from '@touchstone/contract';
import { compareEngines, isCompared, verdictOfCompared, type ComparedEngines } from '@touchstone/harness';
import { findMethod } from '@touchstone/methods';
import { coloursFor, figure, formatTable, type Cell } from '@touchstone/report';
import { readAsked, type AskedOptions } from './asked.js';
import { untilInterrupted } from './interrupt.js';
import { printAs, type JsonOutput } from './json-outputs.js';
import { openNetwork } from './open-network.js';
import { note, print } from './output.js';
import { faultLines } from './port-faults.js';
import { showSteps } from './steps.js';

export interface CompareCommandOptions extends AskedOptions {
  readonly backend: string;
  readonly against?: string;
  readonly port?: string;
  /** In seconds. */
  readonly deadline: number;
  readonly json?: boolean;
}

/** Exit status 0 they agree · 1 they differ · 4 nothing was compared, or they agree, but the port broke the rules. */
export async function runCompare(options: CompareCommandOptions): Promise<void> {
  const { backend, against, port } = options;
  if ((against === undefined) === (port === undefined))
    throw new TouchstoneError(
      'usage',
      'the second engine is missing, or given twice',
      'Give either --against a backend or --port a port.',
    );
  const { folder, description } = openNetwork(options.network, options.golden);
  const { target, input } = await readAsked(findMethod('saliency'), description, options);
  const steps = showSteps();
  const compared = await untilInterrupted((signal) =>
    compareEngines({
      networkFolder: folder,
      description,
      x: input.x,
      target,
      engines: [{ backends: [backend] }, port === undefined ? { backends: [against!] } : { port }],
      deadlineMs: 1000 * options.deadline,
      signal,
      onPrinted: (text) => {
        steps.end();
        note(`port: ${text}`);
      },
      onStep: (step) => steps.begin(step),
    }),
  ).finally(() => steps.end());
  process.exitCode = { agree: 0, differ: 1, 'not comparable': 4 }[verdictOfCompared(compared)];
  if (options.json) printAs('compare', asJson(compared));
  else print(...render(compared));
}

function asJson(compared: ComparedEngines): JsonOutput<'compare'> {
  const number = (value: number | null) => (value === Infinity ? 'Infinity' : value);
  return {
    ...compared,
    layers: compared.layers.map((layer) => ({
      ...layer,
      forward: number(layer.forward),
      gradient: number(layer.gradient),
    })),
    input: number(compared.input),
  };
}

function render(compared: ComparedEngines): string[] {
  const { engines, layers, input, faults } = compared;
  const colours = coloursFor(process.stdout);
  const number = (value: number | null): Cell => ({ text: value === null ? '–' : figure(value), right: true });
  const rows = layers.map(({ layer, type, shape, forward, gradient }): Cell[] => [
    { text: layer },
    { text: type },
    { text: `[${shape.join(',')}]` },
    number(forward),
    number(gradient),
  ]);
  const image: Cell[] = [{ text: 'the image' }, { text: '' }, { text: '' }, { text: '' }, number(input)];
  return [
    ...formatTable(
      ['layer', 'type', 'shape', 'output, e2', 'gradient, e2'],
      [image, ...rows],
      colours,
      process.stdout.columns,
    ),
    '',
    ...verdicts(compared, engines.join(' and ')).map(
      ([agree, text]) => `${agree ? colours.green('✓') : colours.red('✗')} ${text}`,
    ),
    ...faultLines(faults, colours),
  ];
}

function verdicts(compared: ComparedEngines, both: string): [agree: boolean, text: string][] {
  const { firstForward, firstBackward, flipped, layers, input, engines, unrepeated } = compared;
  if (!isCompared(compared)) return [[false, `nothing was compared: no output or gradient is given by both ${both}`]];
  const repeats = unrepeated.map((which): [boolean, string] => [false, `a second run gave other bits: ${which}`]);
  const hasForward = layers.some(({ forward }) => forward !== null);
  const inOneRun = repeats.length > 0 ? ' in one run of two' : '';
  const forward: [boolean, string] =
    firstForward === null
      ? [repeats.length === 0, `forwards: ${both} agree in every layer${inOneRun}`]
      : [false, `forwards: the first layer that differs is "${firstForward}"`];
  const rounding =
    flipped === null
      ? ''
      : `, but for rounding: ${flipped.map((units, i) => `${units} on ${engines[i]!}`).join(' and ')} ` +
        'are on the other side of their switch point than in float64';
  const backward: [boolean, string] =
    firstBackward === null
      ? [repeats.length === 0, `backwards: ${both} agree${inOneRun}${rounding}`]
      : [false, `backwards: the first place that differs is ${firstBackward}, coming from the output`];
  return [...repeats, ...(hasForward ? [forward] : []), ...(input === null ? [] : [backward])];
}
