import { findBackend } from '@touchstone/backends';
import { parse, TouchstoneError, type HostTensor, type Target } from '@touchstone/contract';
import { explain, findMethod } from '@touchstone/methods';
import { fromHost, loadNetwork, scoped, toHost, Variable, type Network } from '@touchstone/network';
import { clean, coloursFor, duration, formatTable } from '@touchstone/report';
import { checkOutputs, writeAttribution } from './attribution-files.js';
import { classByName, topClasses, type RankedClass } from './classes.js';
import { withElapsedTime } from './elapsed.js';
import { readModelInput } from './model-input.js';
import { openNetwork } from './open-network.js';
import { parseSettings } from './options.js';
import { note, print, printJson } from './output.js';

export interface AttributeOptions {
  readonly network: string;
  readonly image?: string;
  readonly input?: string;
  readonly target?: string;
  readonly backend: string;
  readonly set?: string[];
  readonly out?: string[];
  readonly json?: boolean;
  readonly golden: string;
}

/** Images of a batch whose classes are printed; --json has all. */
const MAX_TABLES = 8;

/** Everything that the user gave is checked before the engine starts. The engine runs in this process. */
export async function attribute(methodId: string, options: AttributeOptions): Promise<void> {
  const method = findMethod(methodId);
  const backend = findBackend(options.backend);
  const params = parseSettings(options.set ?? []);
  parse(method.params, params, `parameters of ${method.id}`, 'bad-params');
  const files = options.out ?? [`${method.id}.png`];
  checkOutputs(files);
  const { description, weights } = openNetwork(options.network, options.golden);
  const input = await readModelInput(options, description, method.fixtures);

  await backend.open();
  const network = loadNetwork(description, weights);
  const started = performance.now();
  const logits = await logitsOf(network, input.x);
  const target = targetOf(options.target, logits, description.classes);
  const images = Array.from({ length: logits.shape[0]! }, (_, n) => ({ image: n, target: target[n]!, top: topClasses(logits, n, description.classes) }));
  if (!options.json) print(...describeClasses(images.slice(0, MAX_TABLES), description.classes));
  const title = `${method.id} with ${clean(description.name)} on ${backend.id}`;
  const asked: Target = { class: target.length === 1 ? target[0]! : target };
  const { stages } = await withElapsedTime(title, () => explain(method, { network, ...input, target: asked, params }));
  note(`${title} took ${duration(performance.now() - started)}`);

  const written: [string, string][] = [];
  for (const file of files) written.push(...(await writeAttribution(file, method, stages, input, description.preprocess)));
  if (options.json) return printJson({ method: method.id, network: description.name, backend: backend.id, images, files: written.map(([file]) => file) });
  print(...written.map(([file, what]) => `${file}  ${what}`));
  if (images.length > 1) print(`pictures show image 0 of ${images.length}`);
}

/** [N,classes] */
async function logitsOf(network: Network, x: HostTensor): Promise<HostTensor> {
  const logits = await scoped(() => toHost(network.call(Variable.leaf(fromHost(x))).value));
  if (logits.shape.length !== 2) throw new TouchstoneError('bad-network', `the network returns [${logits.shape.join(',')}], not [images, classes]`, 'Explain a network that ends in class scores.');
  return logits;
}

/** One class per image: the asked one for all, or each image's top class. */
function targetOf(asked: string | undefined, logits: HostTensor, names: readonly string[] | undefined): number[] {
  const [count, classes] = logits.shape as [number, number];
  if (asked !== undefined) return Array.from({ length: count }, () => classByName(asked, classes, names));
  return Array.from({ length: count }, (_, n) => topClasses(logits, n, undefined, 1)[0]!.class);
}

function describeClasses(images: readonly { image: number; target: number; top: readonly RankedClass[] }[], names: readonly string[] | undefined): string[] {
  const colours = coloursFor(process.stdout);
  return images.flatMap(({ image, target, top }) => {
    const rows = top.map(({ class: index, name, probability }) => [
      { text: String(index), right: true },
      { text: name ?? '–' },
      { text: `${(100 * probability).toFixed(1)} %`, right: true },
    ]);
    const title = images.length > 1 ? [`image ${image}`] : [];
    return [...title, ...formatTable(['class', 'name', 'probability'], rows, colours), `explained: class ${target}${names?.[target] === undefined ? '' : `, ${clean(names[target])}`}`, ''];
  });
}
