/** Which images of a report folder show which case, for a run that continues it and for merging. */
import { appendFileSync, existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseJson } from '@touchstone/contract';
import type { Gallery } from '@touchstone/report';
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
 * Gives the gallery what an earlier run showed; a line that was cut off, or whose images are gone, shows nothing.
 * @param from the folder that has the images; they are copied to `to`
 */
export function restoreShown(from: string, gallery: Gallery, to = from): void {
  const path = join(from, shownFile);
  if (!existsSync(path)) return;
  const text = readText(path, 'bad-input');
  const cases = new Map<string, z.infer<typeof Shown>>();
  for (const line of text.slice(0, text.lastIndexOf('\n') + 1).split('\n')) {
    if (!line.endsWith('}')) continue;
    const shown = parseJson(line, Shown, path);
    cases.set(shown.case, shown);
  }
  for (const { case: id, images, compared } of cases.values()) {
    const files = [...(images?.shown ?? []), ...(compared ?? [])].map(({ file }) => file);
    if (images?.input) files.push(images.input);
    if (!files.every((file) => statSync(join(from, file), { throwIfNoEntry: false })?.isFile())) continue;
    if (to !== from) for (const file of files) copy(from, to, file);
    gallery.restore(id, { images, compared });
  }
}

function copy(from: string, to: string, file: string): void {
  writeWhole(join(to, file), readBounded(realBelow(from, file, 'bad-input'), maxBytes.image, 'bad-input'));
}
