import { join } from 'node:path';
import {
  NetworkDescription,
  parseJson,
  resultsFiles,
  TouchstoneError,
  type CaseRow,
  type HostTensor,
  type Outcome,
  type Preprocess,
  type Stages,
} from '@touchstone/contract';
import { findMethod } from '@touchstone/methods';
import type { CaseExhibit } from './page/page-data.js';
import { ComparedStages } from './compared-stages.js';
import { writePage, type ReportedRun } from './page/write-page.js';
import { imagesOf, renderInput, writePng } from '@touchstone/images';
import { readText } from '@touchstone/system';

/** Cases with images; the others are shown without. */
const MAX_CASES = 400;
/** Images of one case. */
const MAX_SHOWN = 3;

/** The images of a case. */
export type ShownCase = Pick<CaseExhibit, 'images' | 'compared'>;

/**
 * The images and the page of a results folder: `index.html`, `images/<case>.png` and `images/<case>.<suffix>.png`,
 * `images/inputs/<network>/<input>.png`, `images/compared/<case>/<backend>.<stage>.png`.
 * Of a case, image 0 is shown, as the first backend that answers computed it; failures are compared on every backend.
 */
export class Gallery {
  readonly #folder: string;
  readonly #networkFolder: (name: string) => string;
  #canDraw = true;
  readonly #shown = new Map<string, NonNullable<CaseExhibit['images']>>();
  readonly #compared: ComparedStages;
  readonly #inputs = new Map<string, Promise<void>>();
  readonly #preprocess = new Map<string, Preprocess | undefined>();

  constructor(folder: string, networkFolder: (name: string) => string) {
    this.#folder = folder;
    this.#compared = new ComparedStages(folder);
    this.#networkFolder = networkFolder;
  }

  /** Whether a case has images. */
  get hasImages(): boolean {
    return this.#shown.size > 0;
  }

  /** What shows a case, so that a later run of the same cases can `restore` it. */
  shownOf(id: string): ShownCase {
    return { images: this.#shown.get(id), compared: this.#compared.of(id) };
  }

  /** What an earlier run showed of a case, in files that are in the folder. */
  restore(id: string, { images, compared }: ShownCase): void {
    if (compared !== undefined) this.#compared.restore(id, compared);
    if (images === undefined || this.#shown.size >= MAX_CASES) return;
    this.#shown.set(id, images);
    if (images.input !== null) this.#inputs.set(images.input, Promise.resolve());
  }

  /**
   * The files that show a case, relative to the folder; none where no image can be written, because sharp is not
   * installed. @param x the case's input [N,C,H,W]
   */
  async add(...shown: Parameters<Gallery['draw']>): Promise<string[]> {
    return (await this.#drawn(() => this.draw(...shown))) ?? [];
  }

  /** Null where no image can be written. */
  async #drawn<T>(draw: () => Promise<T>): Promise<T | null> {
    if (!this.#canDraw) return null;
    try {
      return await draw();
    } catch (error) {
      if (!(error instanceof TouchstoneError && error.code === 'missing-package')) throw error;
      this.#shown.clear();
      this.#canDraw = false;
      return null;
    }
  }

  private async draw(
    row: CaseRow,
    backend: string,
    stages: Stages,
    { x, fixtures }: { readonly x: HostTensor; readonly fixtures: Readonly<Record<string, HostTensor>> },
  ): Promise<string[]> {
    const style = findMethod(row.method).image;
    if (style === null || this.#shown.has(row.id) || this.#shown.size >= MAX_CASES) return [];
    const preprocess = this.#preprocessOf(row.network);
    const images = (await imagesOf(style, { stages, x, fixtures, preprocess })).slice(0, MAX_SHOWN);
    if (images.length === 0) return [];
    const area = x.shape.slice(-2).reduce((a, b) => a * b, 1);
    const input = area > 1 ? `images/inputs/${row.network}/${row.input}.png` : null;
    const shown = images.map(({ suffix, caption }) => ({
      file: `images/${row.id}${suffix === null ? '' : `.${suffix}`}.png`,
      caption,
    }));
    this.#shown.set(row.id, { backend, shown, input });
    for (const [i, { image }] of images.entries()) await writePng(join(this.#folder, shown[i]!.file), image);
    const files = shown.map(({ file }) => file);
    if (input === null) return files;
    if (!this.#inputs.has(input))
      this.#inputs.set(input, writePng(join(this.#folder, input), renderInput(x, preprocess)));
    await this.#inputs.get(input);
    return [input, ...files];
  }

  /** The stages of an answer next to the golden; see `ComparedStages`. */
  async compare(outcome: Outcome, expected: Stages, answer: Stages): Promise<void> {
    await this.#drawn(() => this.#compared.add(outcome, expected, answer));
  }

  /** Writes the page; returns its path. */
  finish(run: ReportedRun, cases: readonly CaseRow[]): string {
    const exhibits = exhibitsOf(run.outcomes, cases, (id) => this.shownOf(id));
    const file = run.footer === null ? resultsFiles.partial : resultsFiles.whole;
    return writePage(this.#folder, [Object.assign({ file }, run)], exhibits);
  }

  #preprocessOf(network: string): Preprocess | undefined {
    if (!this.#preprocess.has(network)) {
      const file = join(this.#networkFolder(network), 'network.json');
      this.#preprocess.set(
        network,
        parseJson(readText(file, 'bad-network'), NetworkDescription, file, 'bad-network').preprocess,
      );
    }
    return this.#preprocess.get(network);
  }
}

/** What the page says of the cases of a run that are known or have images. */
export function exhibitsOf(
  outcomes: readonly Outcome[],
  cases: readonly CaseRow[],
  shownOf: (id: string) => ShownCase,
): CaseExhibit[] {
  const rows = new Map(cases.map((row) => [row.id, row]));
  return [...new Set(outcomes.map((outcome) => outcome.case))].flatMap((id) => {
    const [row, { images, compared }] = [rows.get(id), shownOf(id)];
    if (row === undefined && images === undefined && compared === undefined) return [];
    return [Object.assign(row === undefined ? { id, why: '' } : exhibitOf(row), { images, compared })];
  });
}

function exhibitOf({ id, why, input, fixture, target, params }: CaseRow): CaseExhibit {
  return { id, why, question: JSON.stringify({ input, fixture, target, params }) };
}
