import { findBackend } from '@touchstone/backends';
import { plainText, parse, type NetworkDescription } from '@touchstone/contract';
import { noteOn, type Method } from '@touchstone/methods';
import { tfjsVersion } from '@touchstone/network';
import { duration } from '@touchstone/report';
import type { Answered } from '@touchstone/session';
import { readAsked } from './asked.js';
import { describe } from './asked-target.js';
import { requestOf, seenIfFinite, sourcesOf, warnOf, type AttributeOptions } from './attribute-request.js';
import { stagesFor, writeAll, type Written } from './attribution-files.js';
import { figureOf, figureStyle } from './figures.js';
import { printAs } from './json-outputs.js';
import { openNetwork } from './open-network.js';
import { note, print } from './output.js';
import { checkNothingIsLost, checkOutputs } from './outputs.js';
import { runMethod } from './run-method.js';
import { parseSettings } from './settings.js';
import { version } from './version.js';
import { workerCount } from './workers.js';

/**
 * One method. Everything that the user gave is checked before the backend opens. Exit status 1 where the answer is not
 * finite.
 */
export async function attributeOne(method: Method, options: AttributeOptions): Promise<void> {
  const backend = findBackend(options.backend);
  const params = parseSettings(options.set ?? [], method.params);
  const allParams = parse(method.params, params, `the parameters (--set) of ${method.id}`, 'bad-params');
  const files = options.out ?? [`${method.id}.png`];
  checkOutputs(files);
  const style = figureStyle([method], files, options);
  const folder = openNetwork(options.network, options.golden);
  checkNothingIsLost(files, method, sourcesOf(options, folder.folder));
  const { description } = folder;
  const remark = noteOn(method, description);
  const asked = await readAsked(method, description, options);
  const { input } = asked;
  const workers = workerCount(options.workers, backend, method, input.x.shape[0]!);

  const started = performance.now();
  const pool = workers > 1 ? `, ${workers} workers` : '';
  const title = `${method.id} with ${plainText(description.name)} on ${backend.id}${pool}`;
  const request = requestOf(method, folder.folder, asked, params, stagesFor(files, method));
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
      ...(remark !== undefined && { note: remark }),
      image: options.image,
      inputs: options.input,
      versions: { touchstone: version(), tfjs: tfjsVersion, node: process.versions.node },
    };
    const drawable = { method, answer: explained, params, input, network: description, backend: backend.id };
    const figure = style && { style, draw: () => figureOf(drawable, style) };
    const written = await writeAll(files, {
      method,
      stages: explained.stages,
      input,
      network: description,
      record,
      figure,
    });
    report(explained, written, { method, backend: backend.id, description, remark, json: options.json ?? false });
  });
}

interface Reported {
  readonly method: Method;
  readonly backend: string;
  readonly description: NetworkDescription;
  readonly remark: string | undefined;
  readonly json: boolean;
}

function report(
  explained: Answered,
  written: readonly Written[],
  { method, backend, description, remark, json }: Reported,
): void {
  const images = seenIfFinite(explained, description);
  const { nonFinite = [] } = explained;
  warnOf(nonFinite);
  if (remark !== undefined) note(`note: ${remark}`);
  if (explained.stages['attribution']?.data.every((value) => value === 0))
    note('note: the attribution is 0 everywhere');
  const drawn = written.find((each) => each.drawn !== undefined)?.drawn;
  if (json)
    return printAs('attribute', {
      method: method.id,
      network: description.name,
      backend,
      ...(images && { images }),
      ...(nonFinite.length > 0 && { nonFinite: [...nonFinite] }),
      ...(remark !== undefined && { note: remark }),
      ...(drawn && { drawn }),
      files: written.map(({ file }) => file),
    });
  if (images) print(...describe(images, description, method, explained.target!));
  print(...written.map(({ file, what }) => `${file}  ${what}`));
  if (images && images.length > 1) print(`the output shows image 0 of ${images.length}`);
}
