import { join } from 'node:path';
import { findBackend } from '@touchstone/backends';
import { plainText, parse, type NetworkDescription } from '@touchstone/contract';
import { findMethod, type Method } from '@touchstone/methods';
import { tfjsVersion } from '@touchstone/network';
import { duration } from '@touchstone/report';
import { networkFiles, type Answered } from '@touchstone/session';
import { readAsked, type AskedOptions } from './asked.js';
import { describe, seenIn } from './asked-target.js';
import { stagesFor, writeAll } from './attribution-files.js';
import { printAs } from './json-outputs.js';
import { openNetwork } from './open-network.js';
import { note, print } from './output.js';
import { checkNothingIsLost, checkOutputs } from './outputs.js';
import { runMethod } from './run-method.js';
import { parseSettings } from './settings.js';
import { version } from './version.js';
import { workerCount } from './workers.js';

export interface AttributeOptions extends AskedOptions {
  readonly backend: string;
  readonly set?: string[];
  readonly out?: string[];
  readonly frames: number;
  readonly workers?: number;
  readonly restart?: boolean;
  readonly json?: boolean;
}

/**
 * Everything that the user gave is checked before the backend opens. Exit status 1 where the answer is not finite.
 */
export async function attribute(methodId: string, options: AttributeOptions): Promise<void> {
  const method = findMethod(methodId);
  const backend = findBackend(options.backend);
  const params = parseSettings(options.set ?? [], method.params);
  const allParams = parse(method.params, params, `the parameters (--set) of ${method.id}`, 'bad-params');
  const files = options.out ?? [`${method.id}.png`];
  checkOutputs(files);
  const folder = openNetwork(options.network, options.golden);
  checkNothingIsLost(files, method, sourcesOf(options, folder.folder));
  const { description } = folder;
  const { target, input } = await readAsked(method, description, options);
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
    wantLogits: !method.without?.includes('target'),
    maxValues: Infinity,
  };
  const running = { title, files, folder, backend, workers, frames: options.frames, restart: options.restart ?? false };
  await runMethod(method, request, running, async (explained) => {
    note(`${title} took ${duration(performance.now() - started)}`);
    const record = {
      method: method.id,
      network: description.name,
      backend: backend.id,
      target: explained.target ?? null,
      params: allParams as Record<string, unknown>,
      preprocess: description.preprocess,
      image: options.image,
      inputs: options.input,
      versions: { touchstone: version(), tfjs: tfjsVersion, node: process.versions.node },
    };
    const { preprocess } = description;
    const written = await writeAll(files, { method, stages: explained.stages, input, preprocess, record });
    report(explained, written, { method, backend: backend.id, description, json: options.json ?? false });
  });
}

/** The files that the answer is made from. */
function sourcesOf({ image, input = [] }: AttributeOptions, networkFolder: string): string[] {
  return [...(image === undefined ? [] : [image]), ...input, ...networkFiles.map((name) => join(networkFolder, name))];
}

interface Reported {
  readonly method: Method;
  readonly backend: string;
  readonly description: NetworkDescription;
  readonly json: boolean;
}

function report(
  { logits, target, nonFinite = [] }: Answered,
  written: readonly (readonly [file: string, what: string])[],
  { method, backend, description, json }: Reported,
): void {
  if (nonFinite.length > 0) {
    note(`warning: not finite: ${nonFinite.join(', ')} (NaN or ±∞, as where numbers overflow); do not use this answer`);
    process.exitCode = 1;
  }
  const images = logits && !nonFinite.includes('logits') ? seenIn(logits, target!, description) : undefined;
  if (json)
    return printAs('attribute', {
      method: method.id,
      network: description.name,
      backend,
      ...(images && { images }),
      ...(nonFinite.length > 0 && { nonFinite: [...nonFinite] }),
      files: written.map(([file]) => file),
    });
  if (images) print(...describe(images, description, method));
  print(...written.map(([file, what]) => `${file}  ${what}`));
  if (images && images.length > 1) print(`the output shows image 0 of ${images.length}`);
}
