/** Which images of a report folder show which case, for a run that continues it and for merging. */
import { appendFileSync, existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseJson } from '@touchstone/contract';
import type { Gallery, ShownCase } from '@touchstone/report';
import { about, makeFolder, maxBytes, readBounded, readText, realBelow, writeWhole } from '@touchstone/system';
import { z } from 'zod';

/** Below a report folder: a line for each case, written after its images; a later line of a case replaces it. */
export const shownFile = 'images/shown.ndjson';

const Path = z.string().regex(/^images\/(?!.*\.\.)[^\\:\0]{1,500}\.png$/);
const size = z.number().int().nonnegative();
const Shown = z.object({
  case: z.string(),
  images: z
    .object({
      backend: z.string(),
      input: Path.nullable(),
      shown: z.array(z.object({ file: Path, caption: z.string() })).max(100),
    })
    .optional(),
  compared: z
    .array(
      z.object({
        backend: z.string(),
        stage: z.string(),
        file: Path,
        width: size,
        height: size,
        gap: size,
        plane: z.string(),
        scale: z.number(),
        amplified: z.number().nullable(),
      }),
    )
    .max(1000)
    .optional(),
});

/** Lists what the gallery shows of a case, where the list does not say it yet. @param listed case → its line */
export function listShown(folder: string, gallery: Gallery, id: string, listed: Map<string, string>): void {
  const { images, compared } = gallery.shownOf(id);
  if (images === undefined && compared === undefined) return;
  const line = `${JSON.stringify({ case: id, images, compared })}\n`;
  if (listed.get(id) === line) return;
  listed.set(id, line);
  const path = join(folder, shownFile);
  try {
    makeFolder(dirname(path));
    appendFileSync(path, line);
  } catch (error) {
    throw about(path, error);
  }
}

/**
 * Gives the gallery what an earlier run showed. @param from the folder that has the images; they are copied to `to`
 */
export function restoreShown(from: string, gallery: Gallery, to = from): void {
  for (const [id, shown] of shownIn(from)) {
    if (to !== from) for (const file of filesOf(shown)) copy(from, to, file);
    gallery.restore(id, shown);
  }
}

/** Case → what a run left to show; a line that was cut off, or whose images are gone, shows nothing. */
export function shownIn(folder: string): Map<string, ShownCase> {
  const path = join(folder, shownFile);
  const cases = new Map<string, ShownCase>();
  if (!existsSync(path)) return cases;
  const text = readText(path, 'bad-input');
  for (const line of text.slice(0, text.lastIndexOf('\n') + 1).split('\n')) {
    if (!line.endsWith('}')) continue;
    const { case: id, images, compared } = parseJson(line, Shown, path);
    cases.set(id, { images, compared });
  }
  const isThere = (file: string): boolean => statSync(join(folder, file), { throwIfNoEntry: false })?.isFile() ?? false;
  for (const [id, shown] of cases) if (!filesOf(shown).every(isThere)) cases.delete(id);
  return cases;
}

function filesOf({ images, compared }: ShownCase): string[] {
  const files = [...(images?.shown ?? []), ...(compared ?? [])].map(({ file }) => file);
  return images?.input ? [...files, images.input] : files;
}

function copy(from: string, to: string, file: string): void {
  writeWhole(join(to, file), readBounded(realBelow(from, file, 'bad-input'), maxBytes.image, 'bad-input'));
}
