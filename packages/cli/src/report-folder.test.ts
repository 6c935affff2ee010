import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { inProcess } from './testing/in-process.js';
import { golden, line, scratch } from './testing/touchstone.js';

const { folder } = scratch();
const results = '{"kind":"header","version":2,"touchstone":"0.1.0"}\n';
const page = '<!doctype html>\n<meta name="generator" content="Touchstone" />\n';

/** A report folder with these files. */
function report(name: string, files: Readonly<Record<string, string>>): string {
  mkdirSync(join(folder, name));
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, name, file), text);
  return join(folder, name);
}

it.each([
  ['a page of the user', { 'index.html': 'mine' }],
  ['results of the user', { 'results.ndjson': '{"mine": 1}\n' }],
])('%s is never replaced', async (name, files) => {
  const site = report(name, files);
  const { status, stderr } = await inProcess(line`verify --case saliency/bias-free/cat-32 --report ${site}`);
  expect([status, stderr]).toEqual([64, expect.stringMatching(/is not from Touchstone.*\n.*Give another folder/)]);
  expect(readdirSync(site)).toEqual(Object.keys(files));
});

it.each([['verify', line`--case saliency/bias-free/cat-32`] as const, ['merge', [folder]] as const])(
  '%s replaces no file of the user by its result lines',
  async (command, given) => {
    report(`lines-${command}`, { 'results.ndjson': '' });
    const mine = join(report(`of-${command}`, { 'mine.json': '{}' }), 'mine.json');
    const { status, stderr } = await inProcess([command, ...given, '--json', mine]);
    expect([status, stderr]).toEqual([64, expect.stringMatching(/mine\.json is not from touchstone --json/)]);
    expect(readFileSync(mine, 'utf8')).toBe('{}');
  },
);

it.each([
  ['method', line`--method nonsense`],
  ['backend', line`--backend nonsense`],
  ['port', line`--port nowhere.mjs`],
  ['network', line`--network nowhere --input x.safetensors`],
])('a wrong %s leaves the earlier report', async (name, options) => {
  const site = report(name, { 'index.html': page, 'results.ndjson': results });
  expect(await inProcess(line`verify ${options} --report ${site}`)).toMatchObject({ status: 64 });
  expect(readdirSync(site)).toEqual(['index.html', 'results.ndjson']);
});

it('damaged goldens leave no earlier report', async () => {
  const site = report('stale', { 'index.html': page, 'results.ndjson': results });
  const damaged = report('damaged', { 'manifest.json': '{}' });
  expect((await inProcess(line`verify --report ${site} --golden ${damaged}`)).status).not.toBe(64);
  expect(readdirSync(site)).toEqual([]);
});

it('a folder in which another run writes is refused', async () => {
  const busy = report('busy', { '.touchstone-lock': `${process.pid}\n`, 'index.html': page });
  const { status, stderr } = await inProcess(
    line`verify --case saliency/tiny-vgg/cat-32 --golden ${golden} --report ${busy}`,
  );
  expect([status, stderr]).toEqual([64, expect.stringMatching(/in use by another run, process \d+\n.*Wait for it/)]);
  expect(existsSync(join(busy, 'index.html'))).toBe(true);
});
