import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { inProcess } from './testing/in-process.js';
import { line, published, scratch, workIn } from './testing/touchstone.js';

const { folder } = scratch();
workIn(folder);

describe('explain', () => {
  test('a case that passes: each stage next to what is allowed, images, the replay line, status 0', async () => {
    const { status, stdout } = await inProcess(line`explain grad-cam/tiny-vgg/cat-32 --backend cpu --report one`);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^✓ grad-cam\/tiny-vgg\/cat-32 on cpu: passed\n {4}why this case exists: /);
    expect(stdout).toMatch(/^ {4}stage +status +e2 +e2 allowed +eMax +eMax allowed$/m);
    for (const stage of ['logits', 'activations', 'gradient', 'weights', 'map', 'normalised', 'attribution'])
      expect(stdout).toMatch(new RegExp(`^ {4}${stage} +agrees( +[\\d.e-]+){4}$`, 'm'));
    expect(stdout).toMatch(/\n {4}replay: npx touchstone explain grad-cam\/tiny-vgg\/cat-32 --backend cpu\n$/);
    const images = [...stdout.matchAll(/image: (\S+)/g)].map((match) => match[1]!);
    expect(images.length).toBeGreaterThan(1);
    const page = /page: (\S+)/.exec(stdout)![1]!;
    for (const file of [...images, page]) expect(existsSync(join(folder, file))).toBe(true);
    const sheet = readFileSync(join(folder, page), 'utf8');
    const drawn = [...sheet.matchAll(/img\s+src="([^"]+)"/g)].map((match) => match[1]!);
    expect(drawn).toHaveLength(7);
    for (const image of drawn) expect(existsSync(join(folder, page, '..', image))).toBe(true);
  });

  test('a wrong port, as JSON: where it differs first, status 1', async () => {
    await writeFile(
      join(folder, 'wrong.mjs'),
      `const zeros = { shape: [1, 1, 32, 32], data: new Float32Array(1024) };
      export default { name: 'wrong', version: '1', methods: { saliency: async () => ({ attribution: zeros }) } };`,
    );
    const { status, stdout } = await inProcess(line`explain saliency/tiny-vgg/cat-32 --port ./wrong.mjs --json`);
    expect(status).toBe(1);
    expect(published('explain', stdout)).toMatchObject({
      outcome: { status: 'failed', check: 'e2', stage: 'attribution' },
      why: expect.any(String) as string,
      firstDivergingStage: 'attribution',
      stages: [
        { stage: 'logits', status: 'missing' },
        { stage: 'gradient', status: 'missing' },
        { stage: 'attribution', status: 'differs', e2: expect.closeTo(1) as number },
      ],
      replay: 'npx touchstone explain saliency/tiny-vgg/cat-32 --port ./wrong.mjs',
    });
  });

  test('what a port prints, and where it threw', async () => {
    await writeFile(
      join(folder, 'throws.mjs'),
      `const saliency = async () => { console.log('here\\u001b[2J'); throw new TypeError('no'); };
      export default { name: 'throws', version: '1', methods: { saliency } };`,
    );
    const { status, stderr } = await inProcess(line`explain saliency/tiny-vgg/cat-32 --port ./throws.mjs`);
    expect(status).toBe(4);
    expect(stderr).toMatch(/^port: here$/m);
    expect(stderr).toMatch(/^port: TypeError: no\n(port: .*\n)*?port: +at .*saliency .*throws\.mjs:1:/m);
  });

  test('a case that does not exist: status 64', async () => {
    expect(await inProcess(line`explain grad-cam/tiny-vgg/cat-33`)).toMatchObject({
      status: 64,
      stderr: expect.stringContaining('grad-cam/tiny-vgg/cat-32') as string,
    });
  });
});
