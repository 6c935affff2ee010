import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { inProcess } from './testing/in-process.js';
import { golden, scratch } from './testing/touchstone.js';

const { folder } = scratch();
const bin = fileURLToPath(new URL('../bin/touchstone.mjs', import.meta.url));
const port = fileURLToPath(new URL('../templates/port-js/port.mjs', import.meta.url));

const read = (...path: string[]): unknown => parse(readFileSync(join(folder, ...path), 'utf8'));
const init = (to: string, ...args: string[]) => inProcess(['init', 'ci', join(folder, to), ...args]);

it('an action and a workflow for GitHub, which gives it the port and its methods', async () => {
  const methods = ['--method', 'saliency', 'grad-cam'];
  const { status, stdout } = await init('github', '--provider', 'github', '--port', './my port.mjs', ...methods);
  expect([status, stdout]).toEqual([0, expect.stringContaining('npm install --save-dev touchstone')]);
  const action = read('github/.github/actions/touchstone/action.yml') as {
    inputs: Record<string, object>;
    runs: { using: string };
  };
  const { jobs } = read('github/.github/workflows/touchstone.yml') as {
    jobs: { explanations: { steps: { uses?: string; run?: string; with?: Record<string, string> }[] } };
  };
  const { steps } = jobs.explanations;
  const used = steps.find(({ uses }) => uses === './.github/actions/touchstone')!;
  expect(used.with).toMatchObject({ port: './my port.mjs', methods: 'saliency grad-cam' });
  expect(Object.keys(action.inputs)).toEqual(expect.arrayContaining(Object.keys(used.with!)));
  expect(steps.some(({ run }) => run?.includes('pip'))).toBe(false);
  expect(action.runs.using).toBe('composite');
});

it('a file for GitLab, whose jobs set up Python for a port in Python', async () => {
  const command = 'cmd:python "my port.py"';
  expect((await init('gitlab', '--provider', 'gitlab', '--port', command)).stdout).toMatch(/include: \{ local:/);
  const jobs = read('gitlab/touchstone.gitlab-ci.yml') as {
    variables: object;
    '.touchstone': { before_script: string[] };
    touchstone: { extends: string; script: string[]; artifacts: object };
  };
  expect(jobs.variables).toEqual({ TOUCHSTONE_PORT: command, TOUCHSTONE_METHODS: '' });
  expect(jobs['.touchstone'].before_script.join('\n')).toMatch(/npm ci\n(.*\n)*.*pip install .*tools\/python\[torch\]/);
  for (const script of [...jobs['.touchstone'].before_script, ...jobs.touchstone.script])
    expect(spawnSync('sh', ['-n', '-c', script]).status, script).toBe(0);
  expect(jobs.touchstone).toMatchObject({ extends: '.touchstone', artifacts: { when: 'always' } });
});

it.each([`./a '"\\b\n.mjs`, './${{ secrets.TOKEN }} $HOME $$.mjs', 'cmd:node \u007f\u2028 # x: y'])(
  'nothing of the port %j is evaluated',
  async (odd) => {
    const at = `odd-${readdirSync(folder).length}`;
    for (const provider of ['github', 'gitlab'])
      expect((await init(at, '--provider', provider, '--port', odd)).status).toBe(0);
    const { jobs } = read(at, '.github/workflows/touchstone.yml') as {
      jobs: { explanations: { steps: { with?: { port?: string } }[] } };
    };
    const given = jobs.explanations.steps.flatMap((step) => step.with?.port ?? []);
    const { variables } = read(at, 'touchstone.gitlab-ci.yml') as { variables: { TOUCHSTONE_PORT: string } };
    expect(given.map((text) => text.replaceAll("${{ '${{' }}", '${{'))).toEqual([odd]);
    expect(given[0]!.replaceAll("${{ '${{' }}", '')).not.toContain('${{');
    expect(variables.TOUCHSTONE_PORT.replaceAll('$$', () => '$')).toBe(odd);
  },
);

it.each([
  ['github', '.github/workflows/touchstone.yml'],
  ['gitlab', 'touchstone.gitlab-ci.yml'],
])(
  'on %s what a port in a folder of its own needs is installed, and a package that CI lacks is named',
  async (to, path) => {
    const at = `own-${to}`;
    mkdirSync(join(folder, at, 'my port'), { recursive: true });
    writeFileSync(join(folder, at, 'my port', 'package.json'), '{}');
    writeFileSync(join(folder, at, 'package.json'), '{ "devDependencies": { "touchstone": "file:../t.tgz" } }');
    const { stdout } = await init(at, '--provider', to, '--port', './my port/port.mjs', '--method', 'saliency');
    expect(stdout).toContain('takes touchstone from outside of the repository');
    expect(JSON.stringify(read(at, path))).toMatch(/"npm ci".*npm install --prefix 'my port'/);
  },
);

it('nothing is overwritten, and a method that there is not is refused', async () => {
  mkdirSync(join(folder, 'taken'));
  writeFileSync(join(folder, 'taken', 'touchstone.gitlab-ci.yml'), 'mine');
  const given = ['--provider', 'gitlab', '--port', './port.mjs'];
  expect((await init('taken', ...given)).stderr).toMatch(/has touchstone\.gitlab-ci\.yml already/);
  expect((await init('other', ...given, '--method', 'gradcam')).stderr).toMatch(/unknown method "gradcam"/);
  expect(existsSync(join(folder, 'other'))).toBe(false);
});

/** The command on one case instead of all. */
const only = `--case saliency/tiny-vgg/cat-32 --golden '${golden}'`;
const onOneCase = `shift 2; exec '${process.execPath}' '${bin}' "$@" ${only}`;

/** Runs a step of the action as GitHub does, with a program in place of npx. */
function runStep(at: string, inputs: Readonly<Record<string, string>>, id = 'verify', npx = onOneCase) {
  const { runs } = read(at, '.github/actions/touchstone/action.yml') as {
    runs: { steps: { id?: string; run?: string; env?: Record<string, string> }[] };
  };
  const step = runs.steps.find((each) => each.id === id)!;
  const env = Object.fromEntries(
    Object.entries(step.env!).map(([name, value]) => [
      name,
      inputs[/^\$\{\{ inputs\.([\w-]+) \}\}$/.exec(value)![1]!] ?? '',
    ]),
  );
  const programs = join(folder, at, 'programs');
  mkdirSync(programs, { recursive: true });
  writeFileSync(join(programs, 'npx'), `#!/bin/sh\n${npx}\n`);
  chmodSync(join(programs, 'npx'), 0o755);
  const summary = join(folder, at, 'step-summary.md');
  rmSync(summary, { force: true });
  const ended = spawnSync('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', step.run!], {
    cwd: join(folder, at),
    encoding: 'utf8',
    env: { ...process.env, ...env, PATH: `${programs}:${process.env['PATH']}`, GITHUB_STEP_SUMMARY: summary },
  });
  return { ...ended, summary: existsSync(summary) ? readFileSync(summary, 'utf8') : '' };
}

it.skipIf(process.platform === 'win32')(
  'the step of the action writes what GitHub shows, and ends as verify does',
  async () => {
    expect((await init('run', '--provider', 'github', '--port', port)).status).toBe(0);
    const right = runStep('run', { port, methods: 'saliency', report: 'report' });
    expect([right.status, right.summary], right.stderr).toEqual([0, expect.stringContaining('1 passed')]);
    expect(readdirSync(join(folder, 'run/report'))).toEqual(
      expect.arrayContaining(['badge.json', 'index.html', 'junit.xml', 'results.ndjson', 'summary.md']),
    );
    const wrong = join(folder, 'run', 'wrong.mjs');
    writeFileSync(
      wrong,
      `const saliency = ({ inputs: { x: { shape: [n, , h, w] } } }) =>
      ({ attribution: { shape: [n, 1, h, w], data: new Float32Array(n * h * w).fill(1) } });
    export default { name: 'wrong', version: '1', methods: { saliency } };`,
    );
    const failed = runStep('run', { port: wrong, report: 'report', 'max-skipped': '50%' });
    expect([failed.status, failed.summary, failed.stdout]).toEqual([
      1,
      expect.stringContaining('1 failed'),
      expect.stringMatching(/^::error /m),
    ]);
  },
  60_000,
);

it.skipIf(process.platform === 'win32').each([
  ['not slower', 'echo table', 0],
  ['slower', 'echo table; exit 3', 3],
  ['inconclusive, which is no failure', 'echo table; exit 4', 0],
  ['not compared at all, which is one', 'exit 4', 4],
])('the step that compares the speed: %s', async (_, npx, status) => {
  if (!existsSync(join(folder, 'speed'))) await init('speed', '--provider', 'github', '--port', port);
  const step = runStep('speed', { port, base: 'main', report: 'report' }, 'gate', npx);
  expect([step.status, step.stdout.includes('::warning::')]).toEqual([status, /table; exit 4/.test(npx)]);
  expect(step.summary).toMatch(npx.includes('table') ? /^### Speed\n\n {4}table\n$/ : /^### Speed\n\n$/);
});
