import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { filesOf } from './image-cases.js';
import { inProcess } from './testing/in-process.js';
import { cat, golden, line, outcomesOf, scratch, workIn } from './testing/touchstone.js';

const { folder } = scratch();
workIn(folder);
mkdirSync(join(folder, 'photos'));
const coffee = join(golden, 'inputs/images/coffee.png');
copyFileSync(cat, join(folder, 'photos/a cat.png'));
copyFileSync(coffee, join(folder, 'photos/a-cat.png'));
copyFileSync(coffee, join(folder, 'photos/b.PNG'));
writeFileSync(join(folder, 'photos/notes.txt'), 'no image');

const asked = line`--backend cpu --network digits-gap --method saliency`;
it('every image of a folder is judged, on one machine or on two, with a distribution of errors', async () => {
  const whole = await inProcess(line`verify ${asked} --images photos --report whole`);
  expect([whole.status, whole.stdout], whole.stderr).toEqual([0, expect.stringContaining('3 passed, 0 failed')]);
  expect(whole.stdout).toMatch(/^error\/allowed +backend +judged +median.*\nsaliency +cpu +3 /m);
  expect(whole.stdout).toMatch(/largest error\/allowed:\n {2}\S+ {2}saliency\/digits-gap\//);
  const ids = outcomesOf('whole').map((outcome) => outcome.case);
  expect(ids).toEqual(['a-cat.png', 'a-cat.png-2', 'b.PNG'].map((name) => `saliency/digits-gap/${name}`));

  for (const shard of [1, 2])
    await inProcess(line`verify ${asked} --images photos --shard ${shard}/2 --report shards/${shard}`);
  const merged = await inProcess(line`merge shards --report merged`);
  expect([merged.status, merged.stdout]).toEqual([0, expect.stringContaining('largest error/allowed:')]);
  expect(outcomesOf('merged')).toEqual(outcomesOf('whole'));

  copyFileSync(cat, join(folder, 'photos/b.PNG'));
  const other = await inProcess(line`verify ${asked} --images photos --shard 1/2 --report shards/1 --resume`);
  expect([other.status, other.stderr]).toEqual([64, expect.stringMatching(/--resume: .* is of another run/)]);
}, 60_000);

it('an image that cannot be read is named with the command that repeats it', async () => {
  writeFileSync(join(folder, 'photos/c.png'), 'broken');
  const { status, stdout } = await inProcess(line`verify ${asked} --images photos/*.png --case */c.png`);
  expect(status).toBe(4);
  expect(stdout).toMatch(/✗ saliency\/digits-gap\/c\.png on cpu: errored \(bad-image\): photos.c\.png is not a JPEG/);
  expect(stdout).toMatch(
    /replay: npx touchstone verify .*--images 'photos\/\*\.png' --case saliency\/digits-gap\/c\.png$/m,
  );
}, 60_000);

it.each([
  [line`--images photos`, /--images needs one --network; none is given/],
  [line`--images photos --image a.png --network digits-gap`, /--images excludes --image and --input/],
  [line`--images nowhere/*.png --network digits-gap`, /--images nowhere\/\*\.png: no such folder/],
  [line`--images photos/*.webp --network digits-gap`, /no image matches/],
])('%s is refused', async (options, message) => {
  const { status, stderr } = await inProcess(line`verify --backend cpu --method saliency ${options}`);
  expect([status, stderr]).toEqual([64, expect.stringMatching(message)]);
});

it('a folder gives its images by name, a pattern what it matches', () => {
  expect(filesOf('photos')).toEqual(['a cat.png', 'a-cat.png', 'b.PNG', 'c.png'].map((name) => join('photos', name)));
  expect(filesOf('photos/a*.png')).toEqual(['a cat.png', 'a-cat.png'].map((name) => join('photos', name)));
});
