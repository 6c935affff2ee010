import { existsSync } from 'node:fs';
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseJsonLines, ResultLine } from '@touchstone/contract';
import { describe, expect, test } from 'vitest';
import { inProcess, interruptedWhen } from './testing/in-process.js';
import { line, scratch, workIn } from './testing/touchstone.js';

const { folder } = scratch();
workIn(folder);

/** What Touchstone wrote in an earlier run. */
const earlier = {
  'results.ndjson': '{"kind":"header","version":2,"touchstone":"0.1.0"}\n',
  'index.html': '<!doctype html>\n<meta name="generator" content="Touchstone" />\n',
};

describe('verify', () => {
  test('a case on a backend: lines as published, the results folder, status 0', async () => {
    const { status, stdout } = await inProcess(
      line`verify --case saliency/tiny-vgg/cat-32 --backend cpu,wasm --json - --report one`,
    );
    const [header, cpu, wasm, footer, ...rest] = parseJsonLines(stdout, ResultLine, 'stdout');
    expect(header).toMatchObject({
      kind: 'header',
      port: { name: 'touchstone' },
      backends: [{ id: 'cpu', precision: 'float32' }, { id: 'wasm' }],
    });
    expect([cpu, wasm]).toMatchObject(
      ['cpu', 'wasm'].map((backend) => ({
        kind: 'outcome',
        case: 'saliency/tiny-vgg/cat-32',
        method: 'saliency',
        network: 'tiny-vgg',
        backend,
        status: 'passed',
      })),
    );
    expect(footer).toMatchObject({ kind: 'footer', passed: 2, failed: 0, skipped: 0, errored: 0 });
    expect([status, rest]).toEqual([0, []]);
    expect(await readFile(join(folder, 'one/results.ndjson'), 'utf8')).toBe(stdout);
    const page = await readFile(join(folder, 'one/index.html'), 'utf8');
    const images = [...page.matchAll(/images\/[^"]+\.png/g)].map(([file]) => join(folder, 'one', file));
    // Input and map; golden, answer and difference of the first backend.
    expect(images).toHaveLength(3);
    for (const image of images) expect((await readFile(image)).subarray(1, 4).toString()).toBe('PNG');
  });

  test('the table on stdout, the lines in a file', async () => {
    const { status, stdout, stderr } = await inProcess(
      line`verify --case grad-cam/tiny-vgg/cat-32 --backend wasm --json lines.ndjson --report two`,
    );
    expect(status).toBe(0);
    expect(stdout).toMatch(/^method +wasm\ngrad-cam +✓ 1 \([\d.e-]+\)\n/);
    expect(stdout).toMatch(/^wasm +1 +0 +0 +0 +[\d.e-]+\n/m);
    expect(stdout).toMatch(/^wasm +grad-cam\/tiny-vgg\/cat-32 \(\w+\)$/m);
    expect(stderr).toMatch(/^1 case on wasm: a few seconds$/m);
    expect(stdout).toMatch(/1 passed, 0 failed, 0 skipped, 0 errored in .* s\nimages and numbers: two.index\.html\n$/);
    expect(parseJsonLines(await readFile(join(folder, 'lines.ndjson'), 'utf8'), ResultLine, 'lines')).toHaveLength(3);
  });

  test('a wrong port: status 1, and a failure that says what, why and how to replay', async () => {
    await writeFile(
      join(folder, 'wrong.mjs'),
      `const zeros = { shape: [1, 1, 32, 32], data: new Float32Array(1024) };
      export default { name: 'wrong', version: '1', methods: { saliency: async () => ({ attribution: zeros }) } };`,
    );
    const { status, stdout } = await inProcess(
      line`verify --case saliency/tiny-vgg/cat-32 --port ./wrong.mjs --report three --junit three.xml --annotations`,
    );
    expect(status).toBe(1);
    expect(stdout).toMatch(/✗ saliency\/tiny-vgg\/cat-32 on wrong: differs from the golden at stage "attribution"/);
    expect(stdout).toContain('why this case exists: ');
    expect(stdout).toMatch(/ numbers: three.index\.html\n::error file=wrong\.mjs,line=2,title=saliency[^\n]*\n$/);
    expect(await readFile(join(folder, 'three.xml'), 'utf8')).toContain('<failure message="differs from the golden');
    expect(stdout).toContain('replay: npx touchstone explain saliency/tiny-vgg/cat-32 --port ./wrong.mjs');
  });

  test('an export without outputs: status 4, the error says where, and nothing earlier is left', async () => {
    const only = line`--case saliency/tiny-vgg/cat-32`;
    expect(await inProcess(line`verify ${only} --export exported`)).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^1 case written to exported/),
    });
    expect((await readdir(join(folder, 'exported'))).toSorted()).toEqual(['cases.jsonl', 'inputs', 'networks']);
    await mkdir(join(folder, 'four'));
    for (const name of ['results.ndjson', 'index.html'] as const)
      await writeFile(join(folder, 'four', name), earlier[name]);
    expect(await inProcess(line`verify ${only} --outputs exported --report four`)).toMatchObject({
      status: 4,
      stdout: '',
      stderr: expect.stringMatching(
        /port-error: .* the case has no output\n.*exported.saliency.*outputs\.safetensors\.$/m,
      ),
    });
    expect(await readdir(join(folder, 'four'))).toEqual([]);
  });

  test('Ctrl-C: status 130, no results that look complete, nor those of an earlier run', async () => {
    await mkdir(join(folder, 'cut'));
    for (const name of ['results.ndjson', 'index.html'] as const)
      await writeFile(join(folder, 'cut', name), earlier[name]);
    const started = join(folder, 'cut/results.partial.ndjson');
    const ended = await interruptedWhen(
      () => existsSync(started),
      line`verify --profile full --backend cpu --report cut`,
    );
    expect(ended).toMatchObject({
      status: 130,
      stdout: '',
      stderr: expect.stringMatching(
        /^the results so far: .*results\.partial\.ndjson\nto go on: .* --report cut --resume\ninterrupted\n$/m,
      ),
    });
    expect(await readdir(join(folder, 'cut'))).not.toContain('results.ndjson');
    expect(await readdir(join(folder, 'cut'))).not.toContain('index.html');
  });
});
