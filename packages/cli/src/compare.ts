import { TouchstoneError } from '@touchstone/contract';
import { compareEngines, type ComparedEngines } from '@touchstone/harness';
import { findMethod } from '@touchstone/methods';
import { coloursFor, figure, formatTable, type Cell } from '@touchstone/report';
import { readTarget } from './asked-target.js';
import { untilInterrupted } from './interrupt.js';
import { printAs } from './json-outputs.js';
import { readModelInput } from './model-input.js';
import { openNetwork } from './open-network.js';
import { note, print } from './output.js';
import { faultLines } from './port-faults.js';
import { showSteps } from './steps.js';

export interface CompareCommandOptions {
  readonly network: string;
  readonly image?: string;
  readonly input?: string[];
  readonly target?: string;
  readonly backend: string;
  readonly against?: string;
  readonly port?: string;
  /** In seconds. */
  readonly deadline: number;
  readonly json?: boolean;
  readonly golden: string;
}

/** Exit status 0 they agree · 1 they differ · 4 they agree, but the port broke the rules. */
export async function runCompare(options: CompareCommandOptions): Promise<void> {
  const { backend, against, port } = options;
  if ((against === undefined) === (port === undefined))
    throw new TouchstoneError(
      'usage',
      'the second engine is missing, or given twice',
      'Give either --against a backend or --port a port.',
    );
  const { folder, description } = openNetwork(options.network, options.golden);
  const method = findMethod('saliency');
  const target = readTarget(options.target, description, method);
  const { x } = await readModelInput(options, description, method);
  const steps = showSteps();
  const compared = await untilInterrupted((signal) =>
    compareEngines({
      networkFolder: folder,
      description,
      x,
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
  const { firstForward, firstBackward, engines, layers, faults } = compared;
  process.exitCode = firstForward !== null || firstBackward !== null ? 1 : faults.length > 0 ? 4 : 0;
  if (options.json)
    printAs('compare', { ...compared, engines: [...engines], layers: [...layers], faults: [...faults] });
  else print(...render(compared));
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

function verdicts(
  { firstForward, firstBackward, flipped, layers, input, engines }: ComparedEngines,
  both: string,
): [agree: boolean, text: string][] {
  const hasForward = layers.some(({ forward }) => forward !== null);
  const forward: [boolean, string] =
    firstForward === null
      ? [true, `forwards: ${both} agree in every layer`]
      : [false, `forwards: the first layer that differs is "${firstForward}"`];
  const rounding =
    flipped === null
      ? ''
      : `, but for rounding: ${flipped.map((units, i) => `${units} on ${engines[i]!}`).join(' and ')} ` +
        'are on the other side of their switch point than in float64';
  const backward: [boolean, string] =
    firstBackward === null
      ? [true, `backwards: ${both} agree${rounding}`]
      : [false, `backwards: the first place that differs is ${firstBackward}, coming from the output`];
  return [...(hasForward ? [forward] : []), ...(input === null ? [] : [backward])];
}
