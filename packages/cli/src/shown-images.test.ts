import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Gallery } from '@touchstone/report';
import { afterAll, expect, it } from 'vitest';
import { restoreShown } from './shown-images.js';

const root = mkdtempSync(join(tmpdir(), 'touchstone-shown-'));
afterAll(() => rmSync(root, { recursive: true }));
const from = join(root, 'shard');
const to = join(root, 'all');
mkdirSync(join(from, 'images'), { recursive: true });
writeFileSync(join(from, 'images/a.png'), 'image');
writeFileSync(join(root, 'secret.png'), 'secret');
symlinkSync(join(root, 'secret.png'), join(from, 'images/link.png'));

function restore(...files: readonly string[]): Gallery {
  const lines = files.map((file, i) => ({
    case: `case-${i}`,
    images: { backend: 'cpu', input: null, shown: [{ file, caption: 'map' }] },
  }));
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  writeFileSync(join(from, 'images/shown.ndjson'), `${text}{"case": "cut of`);
  const gallery = new Gallery(to, () => '');
  restoreShown(from, gallery, to);
  return gallery;
}

it('copies the images of a case; one whose images are gone, or whose line was cut off, shows nothing', () => {
  const gallery = restore('images/a.png', 'images/gone.png');
  expect(gallery.shownOf('case-0').images?.shown).toEqual([{ file: 'images/a.png', caption: 'map' }]);
  expect(gallery.shownOf('case-1').images).toBeUndefined();
  expect(readFileSync(join(to, 'images/a.png'), 'utf8')).toBe('image');
});

it.each(['images/../../secret.png', 'secret.png', '/etc/passwd', 'images/link.png'])('%s is refused', (file) =>
  expect(() => restore(file)).toThrow(expect.objectContaining({ code: 'bad-input' })),
);
