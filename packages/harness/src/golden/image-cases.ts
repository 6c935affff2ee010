/**
 * Cases on many images of the user's own: the golden of a case is made in float64 when the case runs, and nothing is
 * kept of it, so that thousands need no more memory than one.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { singleBackend } from '@touchstone/backends';
import type { CaseRow, HostTensor } from '@touchstone/contract';
import { findMethod, type Method } from '@touchstone/methods';
import { networkFiles, openChildSession, type NetworkFolder, type Session } from '@touchstone/session';
import { maxBytes, readBounded, sha256 } from '@touchstone/system';
import { makeGolden, workOf } from '../judge/made-golden.js';
import { Oracle } from '../judge/oracle.js';
import type { CaseSource } from './case-source.js';
import { valuesOf } from './golden-file.js';
import type { StoredCase } from './golden-store.js';
import { ownCase, paramsOf, requestOf, rowOf, type Asked } from './own-cases.js';

/** An image of the user's own. */
export interface NamedImage {
  /** Unique, as a case may have it. */
  readonly name: string;
  /** SHA-256 of its file. */
  readonly hash: string;
  /** [1,C,H,W], preprocessed. @throws TouchstoneError */
  readonly read: () => Promise<HostTensor>;
}

export interface ImageCasesOptions extends Asked {
  readonly network: NetworkFolder;
  readonly images: readonly NamedImage[];
  readonly methods: readonly Method[];
  /** Limit for one run in float64. */
  readonly deadlineMs: number;
  readonly signal?: AbortSignal | undefined;
}

export class ImageCases implements CaseSource {
  readonly root: string;
  /** Image by image, so that one that is read is asked of all methods in turn. */
  readonly cases: readonly CaseRow[];
  /** Of everything that goldens are made from. */
  readonly manifestHash: string;
  readonly #options: ImageCasesOptions;
  readonly #images: ReadonlyMap<string, NamedImage>;
  /** Method → multiply-adds of one run: all images have one size. */
  readonly #work: ReadonlyMap<string, number>;
  readonly #oracle: Oracle;
  #single: Promise<Session> | undefined;
  #last: { readonly name: string; readonly x: Promise<HostTensor> } | undefined;

  constructor(options: ImageCasesOptions) {
    const { network, images, methods, target, params, deadlineMs, signal } = options;
    this.root = network.folder;
    this.#options = options;
    this.#images = new Map(images.map((image) => [image.name, image]));
    const x = { shape: [1, ...network.description.input.shape] };
    this.#work = new Map(
      methods.map((method) => [method.id, workOf(network.description, { x, params: paramsOf(method, params) })]),
    );
    this.#oracle = new Oracle({ deadlineMs, signal });
    this.cases = images.flatMap(({ name }) =>
      methods.map((method) =>
        rowOf(
          ownCase(method, network.description, name),
          name,
          // `readCase` replaces the likeliest class by its number.
          target === 'likeliest' ? { class: 0 } : target,
          paramsOf(method, params),
        ),
      ),
    );
    const asked = { target, params, methods: methods.map(({ id }) => id) };
    const hashes = images.map(({ name, hash }) => [name, hash]);
    this.manifestHash = sha256(JSON.stringify({ network: hashesOf(network.folder), asked, images: hashes }));
  }

  checkCases(): void {}

  networkFolder(): string {
    return this.#options.network.folder;
  }

  multiplyAddsOf(id: string): number {
    return this.#work.get(id.slice(0, id.indexOf('/'))) ?? 0;
  }

  /** @throws TouchstoneError as `makeGolden`, and what reading the image throws */
  async readCase(row: CaseRow): Promise<StoredCase> {
    const { network, target, params } = this.#options;
    const x = await this.#read(row.input);
    const asked = requestOf(findMethod(row.method), network.folder, { x, target, params });
    this.#single ??= openChildSession({ backend: singleBackend.id }, { signal: this.#options.signal });
    const maker = { oracle: this.#oracle, single: await this.#single };
    const { golden, request } = await makeGolden(row.id, asked, network.description, maker);
    return {
      golden,
      networkFolder: network.folder,
      description: network.description,
      x,
      fixtures: asked.fixtures,
      target: request.target,
      values: valuesOf(golden),
    };
  }

  /** Ends the processes that make goldens. */
  async stop(): Promise<void> {
    this.#oracle.stop();
    await (await this.#single?.catch(() => undefined))?.close();
  }

  #read(name: string): Promise<HostTensor> {
    if (this.#last?.name !== name) this.#last = { name, x: this.#images.get(name)!.read() };
    return this.#last.x;
  }
}

/** Seeded weights have no file. */
function hashesOf(folder: string): string[] {
  return networkFiles
    .map((file) => join(folder, file))
    .filter((path) => existsSync(path))
    .map((path) => sha256(readBounded(path, maxBytes.weights, 'bad-network')));
}
