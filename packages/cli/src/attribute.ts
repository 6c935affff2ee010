import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findBackend, type Backend } from '@touchstone/backends';
import { parse, TouchstoneError, type HostTensor, type Target } from '@touchstone/contract';
import type { NetworkFolder } from '@touchstone/session';
import { explain, findMethod, type Explained, type Explanation, type Method } from '@touchstone/methods';
import { fromHost, loadNetwork, scoped, toHost, Variable, type Network } from '@touchstone/network';
import { clean, duration } from '@touchstone/report';
import { checkOutputs, writeAttribution } from './attribution-files.js';
import { checkAsked, describe, targetFor, type Described } from './asked-target.js';
import { withElapsedTime } from './elapsed.js';
import { untilInterrupted } from './interrupt.js';
import { firstImage, runWithCheckpoints } from './run-with-checkpoints.js';
import { readModelInput, type ModelInput } from './model-input.js';
import { openNetwork } from './open-network.js';
import { parseSettings } from './options.js';
import { note, print, printJson } from './output.js';
import { Unfinished } from './unfinished.js';
import { engineCount, withWorkers } from './workers.js';

export interface AttributeOptions {
  readonly network: string;
  readonly image?: string;
  readonly input?: string[];
  readonly target?: string;
  readonly backend: string;
  readonly set?: string[];
  readonly out?: string[];
  readonly frames: number;
  readonly workers?: number;
  readonly restart?: boolean;
  readonly json?: boolean;
  readonly golden: string;
}

/** Everything that the user gave is checked before the engine starts. The engine runs in this process. */
export async function attribute(methodId: string, options: AttributeOptions): Promise<void> {
  const method = findMethod(methodId);
  const backend = findBackend(options.backend);
  const params = parseSettings(options.set ?? []);
  parse(method.params, params, `parameters of ${method.id}`, 'bad-params');
  const files = options.out ?? [`${method.id}.png`];
  checkOutputs(files);
  const folder = openNetwork(options.network, options.golden);
  const { description } = folder;
  const asked = checkAsked(options.target, description);
  const input = await readModelInput(options, description, method);
  const engines = engineCount(options.workers, backend, method, input.x.shape[0]!);

  await backend.open();
  const network = loadNetwork(description, folder.weights);
  const started = performance.now();
  const { target, described } = await chooseTarget(method, network, input, asked);
  if (!options.json && described) print(...describe(described, description));
  const title = `${method.id} with ${clean(description.name)} on ${backend.id}${engines > 1 ? `, ${engines} workers` : ''}`;
  const { stages } = await run(
    method,
    { network, ...input, target, params },
    { title, files, folder, backend, engines, options },
  );
  note(`${title} took ${duration(performance.now() - started)}`);

  const written: [string, string][] = [];
  for (const file of files)
    written.push(...(await writeAttribution(file, method, stages, input, description.preprocess)));
  if (options.json)
    return printJson({
      method: method.id,
      network: description.name,
      backend: backend.id,
      ...described,
      files: written.map(([file]) => file),
    });
  print(...written.map(([file, what]) => `${file}  ${what}`));
  if (described && described.images.length > 1) print(`the output shows image 0 of ${described.images.length}`);
}

/** What is explained, and what the network sees; a method that needs no target is given any. */
async function chooseTarget(
  method: Method,
  network: Network,
  { x }: ModelInput,
  asked: Target | string | undefined,
): Promise<{ target: Target; described: Described | null }> {
  if (method.without?.includes('target')) return { target: { class: 0 }, described: null };
  const logits = await scoped(() => toHost(network.call(Variable.leaf(fromHost(x))).value));
  if (logits.shape.length !== 2)
    throw new TouchstoneError(
      'bad-network',
      `the network returns [${logits.shape.join(',')}], not [images, classes]`,
      'Explain a network that ends in class scores.',
    );
  return targetFor(asked, logits, network.description);
}

interface Running {
  readonly title: string;
  readonly files: readonly string[];
  readonly folder: NetworkFolder;
  readonly backend: Backend;
  readonly engines: number;
  readonly options: AttributeOptions;
}

async function run(
  method: Method,
  explanation: Explanation,
  { title, files, folder, backend, engines, options }: Running,
): Promise<Explained> {
  if (!method.iterated)
    return withElapsedTime(title, () =>
      withWorkers(engines, backend, folder, (pool) =>
        explain(method, { ...explanation, passBytes: backend.passBytes, ...(pool && { pool }) }),
      ),
    );
  const unfinished = new Unfinished(files[0]!, identityOf(method, explanation, folder, backend));
  if (options.restart) await unfinished.drop();
  return untilInterrupted((signal) =>
    runWithCheckpoints(
      {
        method,
        title,
        image: firstImage(files),
        frames: options.frames,
        preprocess: folder.description.preprocess,
        fixtures: explanation.fixtures,
        unfinished,
        signal,
      },
      (control) => explain(method, { ...explanation, control }),
    ),
  );
}

/** Everything that determines the answer. */
function identityOf(
  method: Method,
  { x, target, params, fixtures }: Explanation,
  { folder, description }: NetworkFolder,
  backend: Backend,
): (string | Uint8Array)[] {
  const stored = join(folder, 'weights.safetensors');
  const tensors = Object.entries({ x, ...fixtures }).flatMap(([name, { shape, data }]) => [
    `${name} ${shape.join()}`,
    bytesOf(data),
  ]);
  return [
    method.id,
    JSON.stringify(parse(method.params, params, 'parameters', 'bad-params')),
    JSON.stringify(target),
    backend.id,
    JSON.stringify(description),
    existsSync(stored) ? createHash('sha256').update(readFileSync(stored)).digest() : 'drawn',
    ...tensors,
  ];
}

function bytesOf({ buffer, byteOffset, byteLength }: HostTensor['data']): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
