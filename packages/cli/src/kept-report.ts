/** What a run leaves in the folder of --report next to its results: images as it goes, and the page at its end. */
import type { CaseRow, Outcome } from '@touchstone/contract';
import type { GoldenStore, JudgedAnswer, Verification } from '@touchstone/harness';
import { Gallery } from '@touchstone/report';
import { replayFrom } from './given.js';
import { listShown, restoreShown } from './shown-images.js';

export const nothingKept = 'nothing is kept: --report DIR keeps the numbers, images and a page';

export class KeptReport {
  readonly #folder: string;
  readonly #gallery: Gallery;
  /** Case → what the list says of it. */
  readonly #listed = new Map<string, string>();

  /** @param resume shows what an earlier run left there too */
  constructor(folder: string, golden: Pick<GoldenStore, 'networkFolder'>, resume = false) {
    this.#folder = folder;
    this.#gallery = new Gallery(folder, (name) => golden.networkFolder(name));
    if (resume) restoreShown(folder, this.#gallery);
  }

  /** What another's port answers may be no image at all; then there is none. */
  async add(row: CaseRow, { outcome, stages, expected, request, own }: JudgedAnswer): Promise<void> {
    try {
      await this.#gallery.compare(outcome, expected, stages);
      await this.#gallery.add(row, outcome.backend, stages, request);
    } catch (error) {
      if (own || !(error instanceof Error) || 'syscall' in error) throw error;
    }
    listShown(this.#folder, this.#gallery, row.id, this.#listed);
  }

  /** Writes the page. Returns the line that says where it is. */
  finish(
    { header, outcomes, footer, summary }: Pick<Verification, 'header' | 'outcomes' | 'footer' | 'summary'>,
    cases: readonly CaseRow[],
  ): string {
    const replay = (outcome: Outcome): string => replayFrom(header, outcome);
    const page = this.#gallery.finish({ header, outcomes, footer, problems: summary.faults, replay }, cases);
    return `${this.#gallery.hasImages ? 'images and numbers' : 'numbers'}: ${page}`;
  }

  /** Takes the images of another folder. */
  copyFrom(folder: string): void {
    restoreShown(folder, this.#gallery, this.#folder);
  }
}
