import { findBackend } from '@touchstone/backends';
import { plainText, parse } from '@touchstone/contract';
import { findMethod } from '@touchstone/methods';
import { duration } from '@touchstone/report';
import { describe, readTarget, seenIn } from './asked-target.js';
import { checkOutputs, stagesFor, writeAttribution } from './attribution-files.js';
import { printAs } from './json-outputs.js';
import { readModelInput } from './model-input.js';
import { openNetwork } from './open-network.js';
import { parseSettings } from './options.js';
import { note, print } from './output.js';
import { runMethod } from './run-method.js';
import { workerCount } from './workers.js';

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

/** Everything that the user gave is checked before the backend opens. */
export async function attribute(methodId: string, options: AttributeOptions): Promise<void> {
  const method = findMethod(methodId);
  const backend = findBackend(options.backend);
  const params = parseSettings(options.set ?? []);
  parse(method.params, params, `the parameters (--set) of ${method.id}`, 'bad-params');
  const files = options.out ?? [`${method.id}.png`];
  checkOutputs(files);
  const folder = openNetwork(options.network, options.golden);
  const { description } = folder;
  const hasTarget = !method.without?.includes('target');
  const target = hasTarget ? readTarget(options.target, description, method) : 'likeliest';
  const input = await readModelInput(options, description, method);
  const workers = workerCount(options.workers, backend, method, input.x.shape[0]!);

  const started = performance.now();
  const pool = workers > 1 ? `, ${workers} workers` : '';
  const title = `${method.id} with ${plainText(description.name)} on ${backend.id}${pool}`;
  const request = {
    method: method.id,
    networkFolder: folder.folder,
    ...input,
    target,
    params,
    stages: stagesFor(files, method),
    wantLogits: hasTarget,
    maxValues: Infinity,
  };
  const running = { title, files, folder, backend, workers, frames: options.frames, restart: options.restart ?? false };
  const explained = await runMethod(method, request, running);
  note(`${title} took ${duration(performance.now() - started)}`);

  const written: [string, string][] = [];
  for (const file of files)
    written.push(...(await writeAttribution(file, method, explained.stages, input, description.preprocess)));
  const images = explained.logits && seenIn(explained.logits, explained.target!, description);
  if (options.json)
    return printAs('attribute', {
      method: method.id,
      network: description.name,
      backend: backend.id,
      ...(images && { images }),
      files: written.map(([file]) => file),
    });
  if (images) print(...describe(images, description, method));
  print(...written.map(([file, what]) => `${file}  ${what}`));
  if (images && images.length > 1) print(`the output shows image 0 of ${images.length}`);
}
