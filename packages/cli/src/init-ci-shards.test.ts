/** The scripts of a sharded CI are run, with an `npx` that notes what it was asked for; that then runs here. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { inProcess } from './testing/in-process.js';
import { golden, line, outcomesOf, scratch, workIn } from './testing/touchstone.js';

const { folder } = scratch();
workIn(folder);
const port = './my port.mjs';
writeFileSync(
  join(folder, port),
  `const saliency = () => { throw Object.assign(new Error('not here'), { code: 'unsupported' }); };
  export default { name: 'none', version: '1', methods: { saliency } };`,
);
const programs = join(folder, 'programs');
mkdirSync(programs);
writeFileSync(join(programs, 'npx'), '#!/bin/sh\nshift 2\nprintf "%s\\n" "$@" > asked\n');
chmodSync(join(programs, 'npx'), 0o755);

interface Step {
  readonly uses?: string;
  readonly with?: Readonly<Record<string, string>>;
}
interface Action {
  readonly inputs: Readonly<Record<string, { readonly default?: string }>>;
  readonly runs: { readonly steps: { id?: string; run?: string; env?: Record<string, string> }[] };
}
const read = <T>(path: string): T => parse(readFileSync(join(folder, path), 'utf8')) as T;
const init = (to: string, ...args: string[]) => inProcess(['init', 'ci', to, '--port', port, ...args]);

/** The arguments of the command that a script runs. */
function askedBy(script: string, env: Readonly<Record<string, string>>): string[] {
  rmSync('asked', { force: true });
  const PATH = `${programs}${delimiter}${process.env['PATH']}`;
  const ended = spawnSync('bash', ['-eo', 'pipefail', '-c', script], {
    encoding: 'utf8',
    env: { ...process.env, ...env, PATH },
  });
  expect(ended.status, ended.stderr).toBe(0);
  return readFileSync('asked', 'utf8').trimEnd().split('\n');
}

const cases = line`--case saliency/tiny-vgg/cat-32,saliency/pool-ceil/cat-17x23 --golden ${golden}`;
const posix = it.skipIf(process.platform === 'win32');

posix(
  'GitHub: jobs that judge a shard each, and one that merges what they left',
  async () => {
    expect((await init('github', ...line`--provider github --shards 2 --method saliency`)).status).toBe(0);
    const { jobs } = read<{ jobs: Record<string, { steps: Step[]; needs?: string; strategy?: object }> }>(
      'github/.github/workflows/touchstone.yml',
    );
    expect(Object.keys(jobs)).toEqual(['shards', 'explanations']);
    const [shards, merge] = [jobs['shards']!, jobs['explanations']!];
    expect(shards.strategy).toEqual({ 'fail-fast': false, matrix: { shard: [1, 2] } });
    expect(merge).toMatchObject({ needs: 'shards', if: '${{ !cancelled() }}' });
    const [pattern, path] = ['pattern', 'path'].map(
      (name) => merge.steps.find(({ uses }) => uses?.startsWith('actions/download-artifact'))!.with![name]!,
    );
    const { inputs, runs } = read<Action>('github/.github/actions/touchstone/action.yml');
    const step = runs.steps.find(({ id }) => id === 'verify')!;
    const asked = ({ steps }: { steps: Step[] }, shard: number): string[] => {
      const given = steps.find(({ uses }) => uses === './.github/actions/touchstone')!.with!;
      expect(Object.keys(inputs)).toEqual(expect.arrayContaining(Object.keys(given)));
      const valueOf = (expression: string): string => {
        const name = /^\$\{\{ inputs\.([\w-]+) \}\}$/.exec(expression)![1]!;
        return (given[name] ?? inputs[name]!.default ?? '').replaceAll('${{ matrix.shard }}', String(shard));
      };
      const env = Object.fromEntries(Object.entries(step.env!).map(([name, value]) => [name, valueOf(value)]));
      return askedBy(step.run!, Object.assign({ GITHUB_STEP_SUMMARY: join(folder, 'summary') }, env));
    };
    for (const shard of [1, 2]) {
      const args = asked(shards, shard);
      const report = `touchstone-shard-${shard}`;
      expect(args).toEqual(line`verify --port ${port} --method saliency --report ${report} --shard ${shard}/2`);
      expect(report).toMatch(new RegExp(`^${pattern!.replace('*', '.*')}$`));
      // As artifacts are downloaded.
      args[args.indexOf(report)] = join(path!, report);
      expect(await inProcess([...args, ...cases])).toMatchObject({ status: 0 });
    }
    const merged = await inProcess([...asked(merge, 0), '--golden', golden]);
    expect([merged.status, merged.stdout]).toEqual([4, expect.stringContaining('nothing was judged, so this run')]);
    expect(outcomesOf('touchstone-report')).toHaveLength(2);
  },
  60_000,
);

posix('GitLab: the same, with the index of the job', async () => {
  expect((await init('gitlab', ...line`--provider gitlab --shards 3`)).status).toBe(0);
  const jobs = read<Record<string, { script: string[]; parallel?: number; needs?: string[]; artifacts: object }>>(
    'gitlab/touchstone.gitlab-ci.yml',
  );
  const [shards, merge] = [jobs['touchstone-shards']!, jobs['touchstone']!];
  expect([shards.parallel, shards.artifacts]).toEqual([3, { when: 'always', paths: ['touchstone-shards/'] }]);
  expect(merge).toMatchObject({ needs: ['touchstone-shards'], when: 'always' });
  const env = { TOUCHSTONE_PORT: port, TOUCHSTONE_METHODS: '', CI_NODE_INDEX: '2', CI_NODE_TOTAL: '3' };
  expect(askedBy(shards.script.join('\n'), env)).toEqual(
    line`verify --port ${port} --shard auto --report touchstone-shards/2`,
  );
  const args = askedBy(merge.script.join('\n'), env);
  expect(args.slice(0, 4)).toEqual(line`merge touchstone-shards --report touchstone-report`);
  expect((await inProcess(args)).stderr).not.toMatch(/unknown option/);
});

it.each(['1', '0', '201'])('--shards %s is refused', async (shards) =>
  expect(await init('refused', ...line`--provider github --shards ${shards}`)).toMatchObject({
    status: 64,
    stderr: expect.stringMatching(/must be from 2 to 200/),
  }),
);
