/** Heat maps of the same case in several runs, on one scale: `images/runs/<run>/…` below the page's folder. */
import { join } from 'node:path';
import { TouchstoneError, type Outcome } from '@touchstone/contract';
import { onOneScale, panelGap, readImage, writePng } from '@touchstone/images';
import { comparesBackends } from './app/entries.js';
import type { ShownCase } from './gallery.js';
import type { ComparedExhibit } from './page/page-data.js';

export interface RunImages {
  readonly outcomes: readonly Outcome[];
  /** Case → what is shown of it. */
  readonly shown: ReadonlyMap<string, ShownCase>;
  /** A file of it that exists. @throws TouchstoneError where it leaves the folder */
  readonly pathOf: (file: string) => string;
}

interface InRun extends ComparedExhibit {
  readonly run: number;
  readonly path: string;
}

/**
 * Draws them; returns what shows each case, and how many images could not be read.
 * @throws TouchstoneError `missing-package` @param onProgress after each stage of a case
 */
export async function drawComparedRuns(
  folder: string,
  runs: readonly RunImages[],
  onProgress: (done: number, total: number) => void,
): Promise<{ compared: Map<string, ComparedExhibit[]>; unread: number }> {
  const groups = [...groupsOf(runs)];
  const compared = new Map<string, ComparedExhibit[]>();
  let unread = 0;
  for (const [done, [id, group]] of groups.entries()) {
    const read = await Promise.all(group.map(({ path }) => readImage(path).catch(noneIfBad)));
    const given = group.flatMap((each, i) => (read[i] ? [{ each, image: read[i] }] : []));
    const { drawn: scaled, scale } = onOneScale(given.map(({ each, image }) => Object.assign({}, each, { image })));
    const drawn = compared.get(id) ?? [];
    compared.set(id, drawn);
    for (const [i, { each }] of given.entries()) {
      const found = scaled[i];
      if (!found) continue;
      const { path: _, ...exhibit } = each;
      const file = `images/runs/${exhibit.run + 1}/${exhibit.file.replace(/^images\/(compared\/)?/, '')}`;
      await writePng(join(folder, file), found.image);
      drawn.push(Object.assign(exhibit, { file, scale, gap: panelGap, amplified: found.amplified }));
    }
    unread += group.length - scaled.filter((found) => found !== null).length;
    onProgress(done + 1, groups.length);
  }
  return { compared, unread };
}

/** What is on one scale, with its case: a stage on a backend, or on all if each run has one of its own. */
function* groupsOf(runs: readonly RunImages[]): Iterable<[id: string, group: InRun[]]> {
  const isMerged = comparesBackends({ runs });
  const groups = new Map<string, [string, InRun[]]>();
  for (const [run, { outcomes, shown, pathOf }] of runs.entries())
    for (const id of new Set(outcomes.map((outcome) => outcome.case)))
      for (const exhibit of shown.get(id)?.compared ?? []) {
        const key = JSON.stringify([id, exhibit.stage, isMerged ? '' : exhibit.backend]);
        if (!groups.has(key)) groups.set(key, [id, []]);
        groups.get(key)![1].push(Object.assign({ run, path: pathOf(exhibit.file) }, exhibit));
      }
  yield* groups.values();
}

function noneIfBad(error: unknown): null {
  if (error instanceof TouchstoneError && error.exitStatus === 64) return null;
  throw error;
}
