/** `verify --images`: a network of the user's own, on every image of a folder. */
import { readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { TouchstoneError, type HostTensor, type NetworkDescription } from '@touchstone/contract';
import { fileName, glob, ImageCases, ownCase, ownMethods, type NamedImage, type OwnCase } from '@touchstone/harness';
import { preprocessImage, readImage } from '@touchstone/images';
import { methods } from '@touchstone/methods';
import { progressOn } from '@touchstone/report';
import { maxBytes, readBounded, sha256 } from '@touchstone/system';
import { readTarget } from './asked-target.js';
import { untilInterrupted } from './interrupt.js';
import { openNetwork } from './open-network.js';
import { oneNetwork, sayWhichHave, splitByPort, type OwnOptions } from './own-golden.js';
import { settingsOf } from './settings.js';

export interface ImagesOptions extends OwnOptions {
  readonly images: string;
}

const isImage = /\.(?:jpe?g|png|webp)$/i;
/** More would be weeks of work, or a mistake. */
const maxImages = 100_000;
/** Their results are in one file. */
const maxCases = 200_000;

/**
 * Runs `work` with a case for each image and method, and with the cases of methods that were named and that the port
 * lacks.
 */
export async function withImageCases(
  options: ImagesOptions,
  work: (cases: ImageCases, lacking: readonly OwnCase[]) => Promise<void>,
): Promise<void> {
  if (options.image !== undefined || options.input !== undefined)
    throw new TouchstoneError('usage', '--images excludes --image and --input', 'Give only one of them.');
  const network = openNetwork(oneNetwork(options, '--images needs'), options.golden);
  const { description } = network;
  const all = ownMethods(methods, options.method);
  const first = all.find(({ without }) => !without?.includes('target'));
  const target = first === undefined ? 'likeliest' : readTarget(options.target, description, first);
  const params = settingsOf(options.set ?? [], all);
  sayWhichHave(params, all);
  const files = filesOf(options.images);
  const { asked, lacking } = await splitByPort(all, options);
  refuseMany(files.length * asked.length);
  const images = await untilInterrupted((signal) => named(files, description, signal));
  const deadlineMs = 1000 * options.deadline;
  const cases = new ImageCases({ network, images, methods: asked, target, params, deadlineMs });
  try {
    await work(
      cases,
      lacking.map((method) => ownCase(method, description)),
    );
  } finally {
    await cases.stop();
  }
}

/** @throws TouchstoneError `usage` */
function refuseMany(cases: number): void {
  if (cases > maxCases)
    throw new TouchstoneError(
      'usage',
      `--images: ${cases} cases, on each image of each method; at most ${maxCases} are judged`,
      'Name fewer methods with --method, or give a part of the images.',
    );
}

/**
 * A folder, whose images are taken, or a folder and a pattern for names, such as `photos/*.jpg`; by name.
 * @throws TouchstoneError `bad-input`
 */
export function filesOf(given: string): string[] {
  const isFolder = statSync(given, { throwIfNoEntry: false })?.isDirectory() ?? false;
  const [folder, pattern] = isFolder ? [given, null] : [dirname(given), basename(given)];
  const refuse = (why: string) =>
    new TouchstoneError('bad-input', `--images ${given}: ${why}`, 'Give a folder, or a pattern such as "DIR/*.jpg".');
  if (!(statSync(folder, { throwIfNoEntry: false })?.isDirectory() ?? false)) throw refuse('no such folder');
  const matches = pattern === null ? (name: string) => isImage.test(name) : glob(pattern);
  const names = readdirSync(folder)
    .filter((name) => !name.startsWith('.') && matches(name))
    .toSorted();
  if (names.length === 0) throw refuse('no image matches');
  if (names.length > maxImages) throw refuse(`${names.length} images; at most ${maxImages} are judged`);
  return names.map((name) => join(folder, name));
}

/** Each is read once, for its hash, which is part of the plan. */
async function named(
  files: readonly string[],
  description: NetworkDescription,
  signal: AbortSignal,
): Promise<NamedImage[]> {
  const progress = progressOn(process.stderr);
  const uniqueName = uniqueNames();
  try {
    const images: NamedImage[] = [];
    for (const [index, file] of files.entries()) {
      if (index % 100 === 99) {
        progress.update(index + 1, files.length, 'reading the images');
        // Lets Ctrl-C through.
        await new Promise((resolve) => setImmediate(resolve));
        signal.throwIfAborted();
      }
      const hash = sha256(readBounded(file, maxBytes.image, 'bad-image'));
      const name = uniqueName(fileName(basename(file), 'image'));
      images.push({ name, hash, read: () => readAgain(file, hash, description) });
    }
    return images;
  } finally {
    progress.end();
  }
}

/** @throws TouchstoneError `bad-image`, also where it is another image than the plan says */
async function readAgain(file: string, hash: string, description: NetworkDescription): Promise<HostTensor> {
  if (sha256(readBounded(file, maxBytes.image, 'bad-image')) === hash)
    return preprocessImage(await readImage(file), description);
  throw new TouchstoneError('bad-image', `${file} was changed while the run was under way`, 'Begin the run again.');
}

/** Gives the second and third of a name a number. */
function uniqueNames(): (name: string) => string {
  const taken = new Set<string>();
  const next = new Map<string, number>();
  return (name) => {
    let found = name;
    for (let n = next.get(name) ?? 2; taken.has(found); n++) {
      found = `${name}-${n}`;
      next.set(name, n + 1);
    }
    taken.add(found);
    return found;
  };
}
