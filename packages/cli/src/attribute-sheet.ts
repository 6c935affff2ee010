import { findBackend, type Backend } from '@touchstone/backends';
import { parse, plainText, TouchstoneError } from '@touchstone/contract';
import { drawSheet, stagesDrawn, writePng, type Bar } from '@touchstone/images';
import { noteOn, type Method } from '@touchstone/methods';
import { duration } from '@touchstone/report';
import type { Answered, NetworkFolder } from '@touchstone/session';
import type { Asked } from './asked.js';
import { describe, readTarget } from './asked-target.js';
import { requestOf, seenIfFinite, sourcesOf, warnOf, type AttributeOptions } from './attribute-request.js';
import { drawnOf, explanationOf, figureStyle, headingOf } from './figures.js';
import { printAs } from './json-outputs.js';
import { readModelInput } from './model-input.js';
import { openNetwork } from './open-network.js';
import { note, print } from './output.js';
import { checkNothingIsLost, checkOutputs, isTensors, withSuffix } from './outputs.js';
import { runMethod } from './run-method.js';
import { settingsOf } from './settings.js';
import { workerCount } from './workers.js';

/** A method, what it is asked, and, later, its answer. */
interface Asking {
  readonly method: Method;
  readonly asked: Asked;
  readonly params: Readonly<Record<string, unknown>>;
}
interface AskedAnswer extends Asking {
  readonly answer: Answered;
}

/** Several methods explain one image, in one drawing that is written when all have answered. */
export async function attributeSheet(methods: readonly Method[], options: AttributeOptions): Promise<void> {
  const backend = findBackend(options.backend);
  const files = options.out ?? ['sheet.png'];
  checkOutputs(files);
  const tensors = files.find(isTensors);
  if (tensors !== undefined)
    throw new TouchstoneError(
      'usage',
      `--out ${tensors}: the stages of several methods do not go into one file`,
      'Give one method for its stages, or --out FILE.png for a sheet.',
    );
  const style = figureStyle(methods, files, options)!;
  const settings = settingsOf(options.set ?? [], methods);
  for (const { id, params } of methods) parse(params, settings[id], `the parameters (--set) of ${id}`, 'bad-params');
  const folder = openNetwork(options.network, options.golden);
  const { description } = folder;
  for (const method of methods) noteOn(method, description); // an error before the first method runs
  const sources = sourcesOf(options, folder.folder);
  checkNothingIsLost(files, { image: null }, sources);
  for (const method of methods.filter(({ iterated }) => iterated))
    checkNothingIsLost([withSuffix(files[0]!, method.id)], { image: null, iterated: true }, sources);
  const askings = await askingsOf(methods, settings, folder, options);

  const answers: AskedAnswer[] = [];
  for (const asking of askings)
    answers.push({
      ...asking,
      answer: await answerOf(asking, files[0]!, folder, backend, options, answers.length + 1, methods.length),
    });
  const { input } = askings[0]!.asked;
  const isScored = ({ method, answer }: AskedAnswer) => !method.makesImage && answer.logits !== undefined;
  const headed = answers.find(isScored) ?? answers.find(({ answer }) => answer.target) ?? answers[0]!;
  const { image, bars } = await drawSheet(
    { ...input, network: description, isGiven: options.image !== undefined || options.input !== undefined },
    answers.map(({ method, answer, params }) => explanationOf(method, answer, params, description, input.x)),
    headingOf(headed, description, backend.id, input.x.shape[0]!, false),
    style,
  );
  for (const file of files) await writePng(file, image);
  report(answers, bars, files, { backend: backend.id, folder, json: options.json ?? false });
}

/** The input is read once, with the fixtures of all methods. */
async function askingsOf(
  methods: readonly Method[],
  settings: Readonly<Record<string, Record<string, unknown>>>,
  { description }: NetworkFolder,
  options: AttributeOptions,
): Promise<Asking[]> {
  const targets = methods.map((method) =>
    method.without?.includes('target') ? 'likeliest' : readTarget(options.target, description, method),
  );
  const needing = methods.find(({ without }) => !without?.includes('image')) ?? methods[0]!;
  const fixtures = [...new Set(methods.flatMap((method) => method.fixtures))];
  const input = await readModelInput(options, description, { ...needing, fixtures });
  return methods.map((method, i) => ({
    method,
    asked: { target: targets[i]!, input },
    params: settings[method.id]!,
  }));
}

/** Frames and the state of an interrupted run lie next to the sheet, with the method in their names. */
async function answerOf(
  { method, asked, params }: Asking,
  file: string,
  folder: NetworkFolder,
  backend: Backend,
  options: AttributeOptions,
  at: number,
  count: number,
): Promise<Answered> {
  const workers = workerCount(options.workers, backend, method, asked.input.x.shape[0]!);
  const title = `${at}/${count} ${method.id} with ${plainText(folder.description.name)} on ${backend.id}`;
  const request = requestOf(method, folder.folder, asked, params, stagesDrawn(method.image!));
  const files = [withSuffix(file, method.id)];
  const running = { title, files, folder, backend, workers, frames: options.frames, restart: options.restart ?? false };
  const started = performance.now();
  let given: Answered | undefined;
  try {
    await runMethod(method, request, running, async (answer) => {
      given = answer;
    });
  } catch (error) {
    if (error instanceof TouchstoneError)
      throw new TouchstoneError(error.code, `${method.id}: ${error.message}`, error.hint);
    throw error;
  }
  note(`${title} took ${duration(performance.now() - started)}`);
  return given!;
}

interface Reported {
  readonly backend: string;
  readonly folder: NetworkFolder;
  readonly json: boolean;
}

function report(
  answers: readonly AskedAnswer[],
  bars: readonly (Bar | null)[],
  files: readonly string[],
  { backend, folder: { description }, json }: Reported,
): void {
  const remarks = answers.map(({ method }) => noteOn(method, description));
  for (const [i, { method, answer }] of answers.entries()) {
    warnOf(answer.nonFinite ?? [], method.id);
    if (remarks[i] !== undefined) note(`note: ${remarks[i]}`);
  }
  if (json)
    return printAs('attribute-sheet', {
      network: description.name,
      backend,
      methods: answers.map(({ method, answer }, i) => {
        const images = seenIfFinite(answer, description);
        const { nonFinite = [] } = answer;
        return {
          method: method.id,
          ...(images && { images }),
          ...(nonFinite.length > 0 && { nonFinite: [...nonFinite] }),
          ...(remarks[i] !== undefined && { note: remarks[i] }),
          ...(bars[i] && { drawn: drawnOf(bars[i]) }),
        };
      }),
      files: [...files],
    });
  const said = new Set<string>();
  for (const { method, answer } of answers) {
    const images = seenIfFinite(answer, description);
    const lines = images ? describe(images, description, method, answer.target!) : [];
    if (lines.length === 0 || said.has(lines.join('\n'))) continue;
    said.add(lines.join('\n'));
    print(...lines);
  }
  const batch = answers[0]!.asked.input.x.shape[0]!;
  print(...files.map((file) => `${file}  ${answers.map(({ method }) => method.id).join(', ')}`));
  if (batch > 1) print(`the output shows image 0 of ${batch}`);
}
