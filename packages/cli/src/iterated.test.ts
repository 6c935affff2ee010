import { existsSync } from 'node:fs';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { inProcess, interruptedWhen } from './testing/in-process.js';
import { input, line, network, published, scratch, workIn } from './testing/touchstone.js';

const { folder } = scratch();
workIn(folder);

describe('an iterated method', () => {
  const steps = 10;
  const climb = (out: string) =>
    line`attribute class-visualization --network ${network} --target 3 --set steps=${steps} --set rate=2
    --set jitter=4 --out ${out}.safetensors`;

  test('needs no image, and leaves frames next to its own', async () => {
    const { status, stdout, stderr } = await inProcess(line`${climb('whole')} --out whole.png --frames 4 --json`);
    expect(status).toBe(0);
    expect(stderr).toMatch(/^class-visualization with tiny-vgg on wasm: score -?[\d.]+$/m);
    const { files, images } = published('attribute', stdout);
    expect(files).toEqual(['whole.safetensors', 'whole.png']);
    expect(images?.[0]).toMatchObject({ target: 3 });
    const written = (await readdir(folder)).filter((file) => file.startsWith('whole')).toSorted();
    expect(written).toEqual(['whole.png', 'whole.safetensors', 'whole.step-04.png', 'whole.step-08.png']);
  });

  test('what the network sees in the result, and how many steps it took', async () => {
    const fool = line`attribute fooling-image --network ${network} --input ${input}`;
    const seen = published(
      'attribute',
      (await inProcess(line`attribute saliency --network ${network} --input ${input} --json`)).stdout,
    );
    const [first, second] = seen.images![0]!.top;
    const other = await inProcess(line`${fool} --target ${second!.class} --set rate=0.1`);
    expect(other.stderr).toMatch(/: fooled, step \d+ was the last$/m);
    expect(other.stdout).toMatch(new RegExp(`^what the network sees in the result:\nclass .*\n +${second!.class} `));
    expect(other.stdout).toContain(`\ntarget: class ${second!.class}\n`);
    expect((await inProcess(line`${fool} --target ${first!.class}`)).stderr).toMatch(
      /: unchanged: the network sees the target already$/m,
    );
  });

  test('interrupted, it resumes and ends with the same bits; the state of another run is refused', async () => {
    const first = join(folder, 'cut.step-01.png');
    const interrupted = await interruptedWhen(() => existsSync(first), line`${climb('cut')} --out cut.png --frames 1`);
    expect(interrupted.status).toBe(130);
    expect(interrupted.stderr).toMatch(/stopped after step \d+; the same command resumes from there/);
    const left = (await readdir(folder)).filter((file) => file.startsWith('cut.') && !file.includes('.step-'));
    expect(left).toEqual(['cut.unfinished.safetensors']);

    const other = await inProcess(line`${climb('cut')} --set seed=1`);
    expect({ status: other.status, stderr: other.stderr }).toEqual({
      status: 64,
      stderr: expect.stringMatching(/cut\.unfinished\.safetensors is the state of another run[^]*--restart/),
    });

    const finished = await inProcess(line`${climb('cut')} --out cut.png`);
    expect(finished.stderr).toMatch(/resuming after step \d+/);
    expect(finished.status).toBe(0);
    expect(existsSync(join(folder, 'cut.unfinished.safetensors'))).toBe(false);
    expect(await readFile(join(folder, 'cut.safetensors'))).toEqual(await readFile(join(folder, 'whole.safetensors')));
  });

  test('--restart begins again', async () => {
    await writeFile(join(folder, 'again.unfinished.safetensors'), 'another content');
    const again = line`${climb('again')} --set steps=2`;
    const refused = await inProcess(again);
    expect(refused.stderr).toMatch(/is not a state of attribute/);
    const { status, stderr } = await inProcess(line`${again} --restart`);
    expect({ status, stderr }).toEqual({ status: 0, stderr: expect.not.stringContaining('resuming') as string });
    const left = (await readdir(folder)).filter((file) => file.startsWith('again'));
    expect(left).toEqual(['again.safetensors']);
  });
});
