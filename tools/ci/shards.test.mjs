import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const script = join(here, 'slurm.sh');

/** Runs slurm.sh with programs that print their arguments in the place of sbatch and npx. */
function slurm(args, environment = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'touchstone-slurm-'));
  try {
    for (const [name, text] of Object.entries({
      sbatch: 'echo "sbatch $*" >&2; echo "77;cluster"',
      npx: 'echo "npx $*"; exit ${NPX_STATUS:-0}',
    })) {
      writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`);
      chmodSync(join(folder, name), 0o755);
    }
    const env = { ...process.env, PATH: `${folder}:${process.env.PATH}`, ...environment };
    const { status, stdout, stderr } = spawnSync('bash', [script, ...args], { env, encoding: 'utf8' });
    return { status, stdout, stderr };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('slurm.sh submits an array, and a merge after it', () => {
  const { status, stdout, stderr } = slurm(['submit', '4', 'runs', '--profile', 'full']);
  assert.equal(status, 0, stderr);
  assert.deepEqual(stderr.trim().split('\n'), [
    `sbatch --parsable --requeue --array=1-4 ${script} task 4 runs --profile full`,
    `sbatch --parsable --dependency=afterany:77 ${script} merge runs`,
  ]);
  assert.equal(stdout, 'array 77, merge 77: runs/merged\n');
});

test('a task runs its shard, and its status is that of verify', () => {
  const task = slurm(['task', '4', 'runs', '--backend', 'wasm'], { SLURM_ARRAY_TASK_ID: '3', NPX_STATUS: '1' });
  assert.equal(task.status, 1);
  assert.equal(task.stdout, 'npx touchstone verify --backend wasm --shard 3/4 --report runs/shards/3 --resume\n');
  const merge = slurm(['merge', 'runs', '--max-skipped', '5%']).stdout;
  assert.equal(merge, 'npx touchstone merge runs/shards --report runs/merged --max-skipped 5%\n');
  assert.notEqual(slurm(['task', '4', 'runs'], { SLURM_ARRAY_TASK_ID: '' }).status, 0);
  assert.equal(slurm(['nonsense', 'x']).status, 64);
});

test('the Kubernetes template has one number of shards', () => {
  const text = readFileSync(join(here, 'kubernetes.yaml'), 'utf8');
  const counts = [...text.matchAll(/(?:completions|parallelism): (\d+)|TOUCHSTONE_SHARDS\n\s+value: '(\d+)'/g)];
  assert.deepEqual(
    counts.map(([, a, b]) => a ?? b),
    ['4', '4', '4', '4'],
  );
});
