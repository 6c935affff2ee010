import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { exitStatusOf, ResultLine, type Outcome, type Stages } from '@touchstone/contract';
import { doctor } from './doctor.js';
import { openGolden } from '../golden/golden-store.js';
import { deadlinesPass, releaseDeadlines } from '../testing/deadlines.js';
import { classes, linearCase, linearStages, temporaryFolder, writeLinearGolden } from '../testing/linear-golden.js';
import { everyField } from '../testing/every-field.js';
import { childrenOf, runs } from '../testing/processes.js';
import { verify, type Plan, type Verification } from './verify.js';

const folder = temporaryFolder();
const root = join(folder, 'golden');
writeLinearGolden(root);
const golden = openGolden(root);
const right = [0, 23].map(linearCase);
const module = fileURLToPath(new URL('../testing/port.mjs', import.meta.url));

function lines(path: string): ResultLine[] {
  return readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((line) => ResultLine.parse(JSON.parse(line)));
}

/** A port that calls itself something else. */
function renamed(name: string): string {
  const path = join(folder, `named-${name}.mjs`);
  writeFileSync(path, `export default { name: '${name}', version: '1', methods: {} };`);
  return path;
}

const children = (): string[] => childrenOf(process.pid);

describe('our own port', () => {
  const kept = new Map<string, Stages>();
  let run: Verification;
  beforeAll(async () => {
    run = await verify({
      golden,
      cases: right,
      backends: ['cpu', 'float64'],
      resultsDir: join(folder, 'ours'),
      onResult: ({ id }, { outcome, stages, request }) =>
        void kept.set(`${id} ${outcome.backend} ${request.x.shape.length}`, stages),
    });
  }, 120_000);

  it('passes on every backend, close to the closed form', () => {
    expect(run.outcomes.map(({ case: id, backend, status, reason }) => [id, backend, status, reason])).toEqual(
      right.flatMap(({ id }) => [
        [id, 'cpu', 'passed', null],
        [id, 'float64', 'passed', null],
      ]),
    );
    expect(exitStatusOf(run.summary)).toBe(0);
    expect(run.summary.worst.map(({ ratio }) => ratio! < 1)).toEqual([true, true]);
    expect(kept.get(`${right[0]!.id} float64 4`)?.['gradient']?.data).toEqual(linearStages(0)['gradient']!.data);
  });

  it('names the first layer that differs, and continues after a case that throws', async () => {
    const wrong = openGolden(root);
    wrong.readGolden = (id) => {
      const { stages, sketch, ...rest } = golden.readGolden(id);
      const fc = { ...sketch[1]!, forward: { shape: [2], data: Float64Array.of(9, 9) } };
      return {
        ...rest,
        stages: { ...stages, logits: { shape: [1, classes], data: new Float64Array(classes) } },
        sketch: [sketch[0]!, fc],
      };
    };
    const { outcomes } = await verify({
      golden: wrong,
      cases: [{ ...right[0]!, target: { class: 99 } }, right[0]!],
      backends: ['cpu'],
    });
    expect(outcomes.map(everyField)).toMatchObject([
      { status: 'errored', check: null, reason: expect.stringContaining('99') as string },
      {
        status: 'failed',
        check: 'e2',
        stage: 'logits',
        reason: expect.stringMatching(/\nfirst diverging layer: "fc", its output$/) as string,
      },
    ]);
  });

  it('writes header, outcomes, footer with the worst of each backend, and nothing partial', () => {
    expect(lines(run.file!).map((line) => line.kind)).toEqual([
      'header',
      'outcome',
      'outcome',
      'outcome',
      'outcome',
      'footer',
    ]);
    expect(lines(run.file!)[0]).toMatchObject({
      golden: golden.manifestHash,
      backends: [
        { id: 'cpu', precision: 'float32' },
        { id: 'float64', precision: 'float64' },
      ],
    });
    const worst = {
      ratio: expect.any(Number) as number,
      case: expect.stringContaining('class-') as string,
      stage: expect.any(String) as string,
    };
    expect(lines(run.file!).at(-1)).toMatchObject({ passed: 4, worst: { cpu: worst, float64: worst } });
    expect(existsSync(join(folder, 'ours/results.partial.ndjson'))).toBe(false);
  });
});

describe('a port that is a module', () => {
  /** The classes at which it hangs. */
  const [loop, promise] = [4, 10];
  let byClass: Outcome[];
  let run: Verification;
  beforeAll(async () => {
    deadlinesPass(0);
    run = await verify({
      golden,
      cases: golden.cases,
      port: module,
      deadlineMs: 1000,
      resultsDir: join(folder, 'module'),
      onProgress: (_, { done }) => deadlinesPass(done === loop || done === promise ? 50 : 0),
    });
    deadlinesPass(1);
    byClass = [...run.outcomes];
  }, 120_000);
  afterAll(releaseDeadlines);

  it.each([
    [0, 'right', 'passed', null, null, /^null$/],
    [1, 'zeros', 'failed', 'e2', null, /stage "attribution"[^]*\nlikely cause: nothing but zeros \(mutant all-zeros/],
    [2, 'NaN', 'failed', 'non-finite', null, /NaN/],
    [3, 'another shape', 'failed', 'shape', null, /\[1,2,4,3\], golden \[1,2,3,4\]/],
    [loop, 'a loop', 'errored', null, 'timeout', /2 s/],
    [5, 'its end', 'errored', null, 'process-crashed', /status 3; it printed: last words/],
    [6, 'an error', 'errored', null, 'port-error', /the port threw: cannot$/],
    [7, 'text', 'errored', null, 'port-error', /no object of stages/],
    [8, 'text as data', 'errored', null, 'port-error', /"attribution": "data" must be/],
    [9, 'unsupported', 'skipped', null, null, /unsupported: no Linear/],
    [promise, 'a promise never kept', 'errored', null, 'timeout', /2 s/],
    [11, 'a flood', 'errored', null, 'port-error', /1000000 values or more/],
    [12, 'another answer each time', 'failed', 'repeat', null, /second run/],
    [13, 'a shape that does not fit the data', 'errored', null, 'port-error', /product/],
    [14, 'a forged reply', 'errored', null, 'process-crashed', /not a reply/],
    [15, 'no stage', 'failed', 'stages', null, /no stage "attribution"/],
    [16, 'an unknown stage', 'passed', null, null, /not judged: mood/],
    [17, 'noise on stdout', 'passed', null, null, /^null$/],
    [18, 'a plain array', 'passed', null, null, /^null$/],
    [19, 'a wrong earlier stage', 'failed', 'e2', null, /stage "gradient"/],
    [20, 'negative sizes', 'errored', null, 'port-error', /product/],
    [21, 'a rejection that is not caught', 'errored', null, 'process-crashed', /not caught/],
    [22, 'null', 'errored', null, 'port-error', /no object of stages/],
    [23, 'right, after all that', 'passed', null, null, /^null$/],
  ])('class %d, %s: %s', (target, _, status, check, code, reason) => {
    const outcome = everyField(byClass[target]!);
    expect(outcome).toMatchObject({ case: linearCase(target).id, backend: 'linear port', status, check, code });
    expect(String(outcome.reason)).toMatch(reason);
    expect(outcome.reason?.replaceAll('\n', '') ?? '').not.toMatch(/\p{C}/u);
  });

  it('every case has its outcome, in order, and the run names the port', async () => {
    expect(byClass.map((outcome) => outcome.case)).toEqual(golden.cases.map((row) => row.id));
    expect(run.header.port).toEqual({ name: 'linear port', version: '1.0.0' });
    expect(exitStatusOf(run.summary)).toBe(1);
    expect(lines(run.file!)).toHaveLength(classes + 2);
    await expect.poll(children, { timeout: 20_000 }).toEqual([]);
  });

  it.each([
    ['missing', 'nowhere.mjs', null, /no such file/, /^Give the path/],
    ['without methods', 'empty.mjs', 'export default { name: "x", version: "1" }', /"methods"/, /^Export by default/],
    ['without a default export', 'named.mjs', 'export const methods = {}', /default export/, /^Export by default/],
    ['not JavaScript', 'broken.mjs', 'export default {', /cannot be imported/, /^Run "node .*broken\.mjs"/],
    [
      'a library',
      'lib.mjs',
      'import "no-such-x";',
      /Cannot find package 'no-such-x'/,
      /^Run "npm install no-such-x" in/,
    ],
    [
      'a module in a folder of CommonJS',
      'commonjs.cjs',
      'export default {};',
      /cannot be imported/,
      /"type": "module"/,
    ],
    ['TypeScript', 'port.ts', 'export default {} as object;', /cannot be imported/, /^Compile it to JavaScript\.$/],
    ['gone before it is asked', 'gone.mjs', 'process.exit(7)', /status 7/, null],
  ])('that is %s ends the run', async (_, name, text, message, hint) => {
    const path = join(folder, name);
    if (text !== null) writeFileSync(path, text);
    await expect(verify({ golden, cases: right, port: path })).rejects.toMatchObject({
      message: expect.stringMatching(message) as string,
      ...(hint && { hint: expect.stringMatching(hint) as string }),
    });
    await expect.poll(children, { timeout: 20_000 }).toEqual([]);
  });

  it('without the method: skipped, and nothing is judged', async () => {
    const path = join(folder, 'cam-only.mjs');
    writeFileSync(path, 'export default { name: "x", version: "1", methods: { Salency: async () => ({}), cam() {} } }');
    const plans: Plan[] = [];
    const onStart = (plan: Plan) => void plans.push(plan);
    const { outcomes, summary } = await verify({ golden, cases: right, port: path, onStart });
    expect(plans[0]!.misspelt).toEqual([{ name: 'Salency', meant: 'saliency' }]);
    expect(outcomes.map(({ status, reason }) => [status, reason])).toEqual(
      right.map(() => ['skipped', 'unsupported: the port has no method "saliency", but "Salency"']),
    );
    expect(exitStatusOf(summary)).toBe(4);
  });
});

describe('a damaged golden', () => {
  const copy = join(folder, 'damaged');
  beforeAll(() => {
    cpSync(root, copy, { recursive: true });
    const path = join(copy, `data/${right[0]!.id}.safetensors`);
    const bytes = readFileSync(path);
    bytes[bytes.length - 2]! ^= 1;
    writeFileSync(path, bytes);
  });

  it('is an errored outcome with exit status 5; the others are judged', async () => {
    const { outcomes, summary } = await verify({ golden: openGolden(copy), cases: right, port: module });
    expect(outcomes.map(everyField).map(({ status, check, code }) => [status, check, code])).toEqual([
      ['errored', null, 'golden-damaged'],
      ['passed', null, null],
    ]);
    expect(exitStatusOf(summary)).toBe(5);
  });

  it('ends the run if cases.jsonl changed', async () => {
    const other = join(folder, 'edited');
    cpSync(root, other, { recursive: true });
    const path = join(other, 'cases.jsonl');
    writeFileSync(path, readFileSync(path, 'utf8').replace('"class":0', '"class":1'));
    await expect(verify({ golden: openGolden(other), cases: right, port: module })).rejects.toMatchObject({
      code: 'golden-damaged',
      exitStatus: 5,
    });
  });
});

describe('a run', () => {
  it('that is interrupted leaves its lines without a footer, and no process', async () => {
    const abort = new AbortController();
    const resultsDir = join(folder, 'interrupted');
    mkdirSync(resultsDir);
    writeFileSync(join(resultsDir, 'results.ndjson'), 'of an earlier run');
    const { summary, file } = await verify({
      golden,
      cases: [right[0]!, linearCase(4), right[1]!],
      port: module,
      resultsDir,
      signal: abort.signal,
      onProgress: () => setTimeout(() => abort.abort(), 200),
    });
    expect([summary.complete, summary.passed, file, exitStatusOf(summary)]).toEqual([false, 1, null, 4]);
    expect(existsSync(join(resultsDir, 'results.ndjson'))).toBe(false);
    expect(lines(join(resultsDir, 'results.partial.ndjson')).map((line) => line.kind)).toEqual(['header', 'outcome']);
    await expect.poll(children, { timeout: 20_000 }).toEqual([]);
  });

  it('whose process is killed leaves no process, though the port is in a loop', async () => {
    const program = `
      import { openGolden, verify } from ${JSON.stringify(new URL('../../dist/index.js', import.meta.url).href)};
      const golden = openGolden(${JSON.stringify(root)});
      const cases = [golden.cases[0], golden.cases[4]];
      await verify({ golden, cases, port: ${JSON.stringify(module)}, onProgress: () => console.log('first') });`;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(parent.stdout, 'data');
    const orphans = childrenOf(parent.pid!);
    expect(orphans).toHaveLength(1);
    parent.kill('SIGKILL');
    await expect.poll(() => orphans.filter((pid) => runs(pid)), { timeout: 20_000 }).toEqual([]);
  });

  it.each([
    [{ backends: ['wasn'] }, 'unknown-name'],
    [{ backends: ['cpu'], port: module }, 'usage'],
    [{ outputs: join(folder, 'nowhere') }, 'usage'],
    [{ outputs: root }, 'port-error'],
    [{ port: renamed('wasm') }, 'port-error'],
  ])('with %j is refused', async (options, code) => {
    await expect(verify({ golden, cases: right, ...options })).rejects.toMatchObject({ code });
  });
});

it('the doctor sees every backend', async () => {
  // Pages open in the tests of their faults; here they are unavailable at once.
  vi.stubEnv('TOUCHSTONE_CHROMIUM', '/no/such/chromium');
  const { backends } = await doctor().finally(() => vi.unstubAllEnvs());
  expect(
    backends
      .filter(({ id }) => id === 'cpu' || id === 'float64')
      .map(({ id, status, precision, reason }) => [id, status, precision, reason]),
  ).toEqual([
    ['cpu', 'available', 'float32', null],
    ['float64', 'available', 'float64', null],
  ]);
  await expect.poll(children, { timeout: 20_000 }).toEqual([]);
});
