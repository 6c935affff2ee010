import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Header, Outcome } from '@touchstone/contract';
import { renderCompared, writePng } from '@touchstone/images';
import type { CaseExhibit } from '@touchstone/report';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { inProcess } from './testing/in-process.js';
import { golden, line, published, scratch, workIn } from './testing/touchstone.js';

const { folder } = scratch();
workIn(folder);
afterEach(() => void vi.unstubAllEnvs());

const header: Header = {
  kind: 'header',
  version: 2,
  touchstone: '0.1.0',
  started: '2026-11-28T10:00:00.000Z',
  golden: 'a'.repeat(64),
  port: { name: 'my port', version: '7' },
  given: { port: './port.mjs' },
  backends: [{ id: 'my port', device: 'module', precision: 'unknown', softwareRenderer: false }],
  unavailable: [],
  machine: 'a machine',
};
const id = 'saliency/tiny-vgg/cat-32';
const subject = { kind: 'outcome', case: id, method: 'saliency', network: 'tiny-vgg', backend: 'my port' } as const;
const passed: Outcome = { ...subject, status: 'passed', stage: 'attribution', reason: null };
const failed: Outcome = { ...subject, status: 'failed', check: 'shape', stage: 'attribution', reason: 'another shape' };
const errored: Outcome = { ...subject, case: 'b', status: 'errored', code: 'port-error', reason: 'broken' };
const damaged: Outcome = { ...errored, case: 'c', code: 'golden-damaged' };
const skipped: Outcome = { ...subject, case: 'd', status: 'skipped', reason: 'not answered', unanswered: true };

/** A results file; `more` of its footer, null: none. */
function results(
  file: string,
  outcomes: readonly Outcome[],
  more: object | null = {},
  given: Header['given'] = header.given,
): string {
  const count = (status: string): number => outcomes.filter((outcome) => outcome.status === status).length;
  const [ok, bad, no, broken] = ['passed', 'failed', 'skipped', 'errored'].map(count);
  const counts = { passed: ok, failed: bad, skipped: no, errored: broken };
  const footer = Object.assign({ kind: 'footer', milliseconds: 4100 }, counts, more);
  const lines = [Object.assign({}, header, { given }), ...outcomes, ...(more === null ? [] : [footer])];
  writeFileSync(file, lines.map((each) => `${JSON.stringify(each)}\n`).join(''));
  return file;
}
const report = (...args: string[]) => inProcess(['report', ...args, '--golden', golden]);
const read = (file: string): string => readFileSync(join(folder, file), 'utf8');

describe('the exit status, the verdict and every format follow the results', () => {
  test.each([
    ['fine', [passed], {}, 0, 'passed'],
    ['failed', [passed, { ...failed, case: 'e' }], {}, 1, 'failed'],
    ['with a finding', [passed], { findings: ['a row no longer holds'] }, 1, 'failed'],
    ['errored', [passed, errored], {}, 4, 'errored'],
    ['incomplete', [passed], null, 4, 'incomplete'],
    ['of which nothing was judged', [skipped], {}, 4, 'errored'],
    ['with a damaged golden', [passed, damaged], {}, 5, 'damaged'],
  ] as const)('a run that is %s', async (_, outcomes, more, status, verdict) => {
    const file = results('run.ndjson', outcomes, more);
    const found = await report(...line`${file} --json --junit j.xml --markdown s.txt --gitlab g.json --badge b.json`);
    expect(found.status).toBe(status);
    const { runs, exitStatus } = published('report', found.stdout);
    expect([exitStatus, runs[0]!.verdict]).toEqual([status, verdict]);
    const isFine = status === 0;
    expect(/<(failure|error)[ >]/.test(read('j.xml'))).toBe(!isFine);
    expect(read('s.txt').includes('## ✅')).toBe(isFine);
    expect(JSON.parse(read('g.json'))).toHaveLength(isFine ? 0 : 1);
    expect(JSON.parse(read('b.json'))).toMatchObject({ color: isFine ? 'brightgreen' : 'red' });
  });
});

test('the table and the failures are those of verify, with the reason of the case and the command', async () => {
  mkdirSync('out', { recursive: true });
  results('out/results.ndjson', [failed]);
  const { status, stdout } = await report('out');
  expect(status).toBe(1);
  expect(stdout).toMatch(/^method +my port\nsaliency +✗ 1 of 1/);
  expect(stdout).toContain(`✗ ${id} on my port: another shape\n    why this case exists: the plain method`);
  expect(stdout).toContain(`replay: npx touchstone explain ${id} --port ./port.mjs\n`);
  expect(stdout).toMatch(/0 passed, 1 failed, 0 skipped, 0 errored in 4.1 s\n$/);
});

test('several files: each under its name, then one row for each; the worst decides', async () => {
  const files = [results('a.ndjson', [passed]), results('b.ndjson', [passed], null)];
  const { status, stdout } = await report(...files, ...line`--junit both.xml`);
  expect(status).toBe(4);
  expect(stdout).toMatch(/^a\.ndjson\nmethod/);
  expect(stdout).toMatch(/\na\.ndjson .*Passed: 1 passed.*\nb\.ndjson .*Incomplete: 1 passed/s);
  expect(read('both.xml')).toContain('<testsuite name="a.ndjson: saliency on my port"');
});

describe('GitHub', () => {
  test('the summary is appended to that of the step, by default and by its name', async () => {
    writeFileSync('step.txt', 'of another step\n');
    vi.stubEnv('GITHUB_STEP_SUMMARY', join(folder, 'step.txt'));
    const file = results('run.ndjson', [passed]);
    await report(file, '--markdown');
    await report(file, '--markdown', './step.txt');
    expect(read('step.txt')).toMatch(/^of another step\n\n<!-- touchstone -->/);
    expect(read('step.txt').match(/## ✅/g)).toHaveLength(2);
    writeFileSync('step.txt', 'x'.repeat(899_000));
    expect((await report(file, '--markdown')).stderr).toMatch(/is full/);
    expect(read('step.txt')).toHaveLength(899_000);
  });

  test('a reason gives no command to the runner', async () => {
    const reason = 'x ##[error] y\n  ::add-mask::z\n::error::w';
    const file = results('run.ndjson', [
      { ...failed, reason },
      { ...skipped, reason: '##[group]' },
    ]);
    const { stdout } = await report(file);
    expect(stdout).not.toMatch(/##\[|^\s*::/m);
    expect(stdout).toContain('· ::add-mask::z');
  });

  test('no text of a results file controls the terminal or the runner', async () => {
    const evil = '::error::x\u001b[2J\u009b31m\u202e\r\n##[group]\0';
    const said = { fault: evil, mutants: [evil], certain: true, remedy: evil };
    const names = { method: evil, backend: evil, cause: said };
    const bad = [0, 1].map((i) => Object.assign({}, failed, names, { case: `${evil}${i}` }));
    const file = results('evil.ndjson', bad as Outcome[], { notJudged: [evil], findings: [evil] }, { port: evil });
    for (const options of [[], ['--json'], line`--junit e.xml --gitlab e.json --badge e.b.json --html evil`]) {
      const { status, stdout, stderr } = await report(file, ...options);
      expect([status, `${stdout}${stderr}`]).toEqual([1, expect.not.stringMatching(/(?!\n)[\p{C}]|^\s*::|##\[/mu)]);
    }
  });

  test('an annotation is at the line of the port that names the method', async () => {
    writeFileSync('port.mjs', "\nexport default { methods: {\n  'saliency': explain } };\n");
    const { stdout } = await report(results('run.ndjson', [failed]), '--annotations');
    expect(stdout).toMatch(new RegExp(`\n::error file=port\\.mjs,line=3,title=${id} on my port failed::✗ `));
  });
});

test.each([
  ['1', 0],
  ['0', 1],
  ['50%', 0],
  ['49.9%', 1],
])('--max-skipped %s, of which one of two is skipped', async (limit, status) => {
  const found = await report(results('run.ndjson', [passed, skipped]), '--max-skipped', limit, '--badge', 'b.json');
  expect([found.status, /--max-skipped allows/.test(found.stdout)]).toEqual([status, status === 1]);
  expect(JSON.parse(read('b.json'))).toMatchObject({ color: status === 1 ? 'red' : 'yellow' });
});

test('what fails now becomes known failures; a file that is there stays', async () => {
  const file = results('run.ndjson', [failed, errored]);
  const args = [file, ...line`--expectations-out known.jsonc --link https://example.org/1 --expires 2030-01-31`];
  const { status, stderr } = await report(...args);
  expect([status, stderr]).toEqual([1, expect.stringMatching(/^2 known failures until 2030-01-31 in known\.jsonc/)]);
  expect(read('known.jsonc')).toContain('"match":{"case":"b","backend":"my port"},"code":"port-error"');
  expect(await report(...args)).toMatchObject({ status: 64, stderr: expect.stringContaining('known.jsonc exists') });
});

test('a page elsewhere has the images that are next to the results', async () => {
  const [file, image] = [`images/${id}.png`, 'an image'];
  mkdirSync(join('kept/images', id, '..'), { recursive: true });
  writeFileSync(join('kept', file), image);
  const images = { backend: 'my port', input: null, shown: [{ file, caption: 'the map' }] };
  writeFileSync('kept/images/shown.ndjson', `${JSON.stringify({ case: id, images })}\n`);
  expect(await report(results('kept/results.ndjson', [passed]), '--html', 'page')).toMatchObject({ status: 0 });
  expect([read('page/index.html').includes(file), read(join('page', file))]).toEqual([true, image]);
});

describe('a comparison', () => {
  const tensor = (...values: number[]) => ({ shape: [1, 1, 1, 3], data: Float64Array.from(values) });
  /** The folder of a run, with the heat maps of one answer. */
  async function kept(name: string, outcome: Outcome, ...values: number[]): Promise<string> {
    const { image, ...drawn } = renderCompared(tensor(1, -0.5, 0), tensor(...values), 1)!;
    const file = `images/compared/${id}/my_port.attribution.png`;
    await writePng(join(name, file), image);
    const compared = [{ ...drawn, file, backend: 'my port', stage: 'attribution', gap: 8 }];
    writeFileSync(join(name, 'images/shown.ndjson'), `${JSON.stringify({ case: id, compared })}\n`);
    results(join(name, 'results.ndjson'), [outcome]);
    return name;
  }
  const dataOf = (page: string): { cases: CaseExhibit[]; runs: { hasImages: boolean }[] } =>
    JSON.parse(/id="data">([^]*?)<\/script>/.exec(read(page))![1]!);

  test('has the heat maps of all runs, on one scale', async () => {
    const folders = [await kept('v1', passed, 1, -0.49, 0), await kept('v2', failed, 4, NaN, -2)];
    const found = await report(...folders, results('v3.ndjson', [passed]), '--html', 'compared');
    expect(found).toMatchObject({ status: 1, stderr: expect.stringMatching(/^page: compared.index\.html\n$/) });
    const { cases, runs } = dataOf('compared/index.html');
    expect(runs.map(({ hasImages }) => hasImages)).toEqual([true, true, false]);
    const { compared } = cases.find((exhibit) => exhibit.id === id)!;
    expect(compared).toMatchObject([
      { run: 0, scale: 4, amplified: 100 },
      { run: 1, scale: 4, amplified: null },
    ]);
    for (const { file } of compared!) expect(existsSync(join('compared', file)), file).toBe(true);
  });

  test('shows what it can read, and says what it cannot', async () => {
    const [whole, broken] = [await kept('w1', passed, 1, 0, 0), await kept('w2', failed, 1, 0, 0)];
    writeFileSync(join(broken, `images/compared/${id}/my_port.attribution.png`), 'no image');
    const { status, stderr } = await report(whole, broken, '--html', 'partly');
    expect([status, stderr]).toEqual([1, expect.stringMatching(/^1 heat map cannot be read, and left out\n/)]);
    expect(dataOf('partly/index.html').cases[0]!.compared).toMatchObject([{ run: 0, scale: 1 }]);
  });
});

describe('nothing of others is replaced', () => {
  test.each([
    ['--junit', 'mine.xml', '<testsuites/>'],
    ['--markdown', 'mine.txt', '# mine'],
    ['--gitlab', 'mine.json', '[{"check_name":"other"}]'],
    ['--badge', 'badge.json', '{"schemaVersion":1}'],
    ['--html', 'index.html', '<!doctype html>'],
  ])('%s', async (option, file, text) => {
    writeFileSync(file, text);
    const path = option === '--html' ? '.' : file;
    const found = await report(results('run.ndjson', [passed]), option, path);
    expect([found.status, found.stderr]).toEqual([
      64,
      expect.stringMatching(/bad-input: .* would be replaced\n.*hint/),
    ]);
    expect(read(file)).toBe(text);
  });

  test.each([
    [line`run.ndjson --junit run.ndjson`, /--junit run\.ndjson is also FILE 1/],
    [line`run.ndjson --junit new.xml --badge ./new.xml`, /is also --badge/],
    [line`run.ndjson --annotations --json`, /--annotations would be among/],
    [line`run.ndjson --markdown`, /--markdown has no file/],
    [line`run.ndjson --max-skipped 101%`, /--max-skipped "101%"/],
    [line`run.ndjson --max-skipped 1.5`, /--max-skipped "1\.5"/],
    [line`run.ndjson --link https://example.org`, /--link needs --expectations-out/],
    [line`run.ndjson --expectations-out e.jsonc`, /--expectations-out .* needs --link/],
    [line`run.ndjson --expectations-out e.jsonc --link here`, /--link here is not a URL/],
    [line`run.ndjson --expectations-out e.jsonc --link https://a.b --expires soon`, /--expires soon is not a day/],
    [line`nowhere.ndjson`, /bad-input: nowhere\.ndjson: no such file/],
    [line`${golden}`, /no results\.ndjson in this folder/],
  ])('touchstone report %j', async (args, says) => {
    vi.stubEnv('GITHUB_STEP_SUMMARY', '');
    results('run.ndjson', [passed]);
    expect(await report(...args)).toEqual({ status: 64, stdout: '', stderr: expect.stringMatching(says) });
    for (const file of ['new.xml', 'e.jsonc']) expect(existsSync(file)).toBe(false);
  });
});
