import { expect, it } from 'vitest';
import { shardOf } from './shard-option.js';

const slurm = (id: number, min: number, max: number, count: number) => ({
  SLURM_ARRAY_TASK_ID: `${id}`,
  SLURM_ARRAY_TASK_MIN: `${min}`,
  SLURM_ARRAY_TASK_MAX: `${max}`,
  SLURM_ARRAY_TASK_COUNT: `${count}`,
});

it.each([
  ['2/4', {}, 2, 4],
  ['auto', { TOUCHSTONE_SHARD: '3/4' }, 3, 4],
  ['auto', { TOUCHSTONE_SHARD_INDEX: '0', TOUCHSTONE_SHARDS: '4' }, 1, 4],
  ['auto', { CI_NODE_INDEX: '1', CI_NODE_TOTAL: '3' }, 1, 3],
  ['auto', { CI_NODE_TOTAL: '1' }, 1, 1],
  ['auto', { CIRCLE_NODE_INDEX: '2', CIRCLE_NODE_TOTAL: '3' }, 3, 3],
  ['auto', { JOB_COMPLETION_INDEX: '0', TOUCHSTONE_SHARDS: '8' }, 1, 8],
  ['auto', slurm(0, 0, 3, 4), 1, 4],
  ['auto', slurm(4, 1, 4, 4), 4, 4],
  ['auto', { TOUCHSTONE_SHARD: '2/4', CI_NODE_INDEX: '2', CI_NODE_TOTAL: '4' }, 2, 4],
])('%s with %j is %d of %d', (option, environment, shard, shards) =>
  expect(shardOf(option, environment)).toEqual({ shard, shards }),
);

it.each([
  ['0/4', {}, /--shard 0\/4/],
  ['5/4', {}, /--shard 5\/4/],
  ['1/200000', {}, /--shard 1\/200000/],
  ['x', {}, /--shard x/],
  ['auto', {}, /no variable.*\n.*TOUCHSTONE_SHARD=i\/n.*CI_NODE_INDEX/],
  ['auto', { TOUCHSTONE_SHARD: '0/4' }, /TOUCHSTONE_SHARD 0\/4/],
  ['auto', { CI_NODE_INDEX: '1' }, /CI_NODE_INDEX of GitLab is set, but not CI_NODE_TOTAL/],
  ['auto', { CI_NODE_INDEX: '0', CI_NODE_TOTAL: '4' }, /CI_NODE_INDEX=0, CI_NODE_TOTAL=4 of GitLab/],
  ['auto', { CIRCLE_NODE_INDEX: '4', CIRCLE_NODE_TOTAL: '4' }, /CIRCLE_NODE_INDEX=4/],
  ['auto', { CIRCLE_NODE_INDEX: 'x', CIRCLE_NODE_TOTAL: '4' }, /CIRCLE_NODE_INDEX "x" is not a whole number/],
  ['auto', { JOB_COMPLETION_INDEX: '0' }, /not TOUCHSTONE_SHARDS/],
  ['auto', { CI_NODE_INDEX: '1', CI_NODE_TOTAL: '4', TOUCHSTONE_SHARDS: '8' }, /and TOUCHSTONE_SHARDS=8 contradict/],
  ['auto', slurm(3, 3, 3, 1), /SLURM_ARRAY_TASK_MIN=3/],
  ['auto', slurm(1, 1, 7, 4), /without gaps/],
  [
    'auto',
    { TOUCHSTONE_SHARD: '2/4', CI_NODE_INDEX: '3', CI_NODE_TOTAL: '4' },
    /TOUCHSTONE_SHARD=2\/4 and CI_NODE_INDEX=3, CI_NODE_TOTAL=4 contradict/,
  ],
])('%s with %j is refused', (option, environment, text) => {
  try {
    shardOf(option, environment);
    expect.unreachable();
  } catch (error) {
    const { code, message, hint } = error as { code: string; message: string; hint: string };
    expect([code, `${message}\n${hint}`]).toEqual(['usage', expect.stringMatching(text)]);
  }
});
