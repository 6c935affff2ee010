/** Which shard this machine runs: `--shard i/n`, or `--shard auto` from the variables of a CI service or cluster. */
import { maxShards, TouchstoneError } from '@touchstone/contract';
import type { Shard } from '@touchstone/harness';

type Environment = Readonly<Record<string, string | undefined>>;

/** Where a service says which of how many of its jobs this is. */
interface Service {
  readonly name: string;
  readonly index: string;
  readonly total: string;
  /** The index of the first; a name: the variable that has it. */
  readonly first: 0 | 1 | string;
}

/** docs/shards.md has the source of each. */
const services: readonly Service[] = [
  { name: 'Touchstone', index: 'TOUCHSTONE_SHARD_INDEX', total: 'TOUCHSTONE_SHARDS', first: 0 },
  { name: 'GitLab', index: 'CI_NODE_INDEX', total: 'CI_NODE_TOTAL', first: 1 },
  { name: 'CircleCI', index: 'CIRCLE_NODE_INDEX', total: 'CIRCLE_NODE_TOTAL', first: 0 },
  { name: 'Kubernetes', index: 'JOB_COMPLETION_INDEX', total: 'TOUCHSTONE_SHARDS', first: 0 },
  { name: 'Slurm', index: 'SLURM_ARRAY_TASK_ID', total: 'SLURM_ARRAY_TASK_COUNT', first: 'SLURM_ARRAY_TASK_MIN' },
];

interface Found extends Shard {
  /** The variables that say it, with their values. */
  readonly by: string;
}

/** @throws TouchstoneError `usage`: not i/n, variables that are missing, wrong, or contradict each other */
export function shardOf(option: string, environment: Environment = process.env): Shard {
  if (option !== 'auto') return parseShard(option, '--shard', 'Give for example --shard 1/4, or --shard auto.');
  const given = environment['TOUCHSTONE_SHARD'];
  const own: Found[] =
    given === undefined
      ? []
      : [
          {
            ...parseShard(given, 'TOUCHSTONE_SHARD', 'Set it to for example 1/4.'),
            by: `TOUCHSTONE_SHARD=${given}`,
          },
        ];
  const [first, ...others] = [...own, ...services.flatMap((service) => readService(service, environment))];
  if (first === undefined)
    throw new TouchstoneError(
      'usage',
      '--shard auto: no variable says which shard this is',
      `Set TOUCHSTONE_SHARD=i/n, or run where one of these is set: ${services.map(({ index }) => index).join(', ')}.`,
    );
  const other = others.find(({ shard, shards }) => shard !== first.shard || shards !== first.shards);
  if (other !== undefined)
    throw new TouchstoneError(
      'usage',
      `--shard auto: ${first.by} and ${other.by} contradict each other`,
      'Unset one of them, or give --shard i/n.',
    );
  const total = environment['TOUCHSTONE_SHARDS'];
  if (total !== undefined && total !== String(first.shards))
    throw new TouchstoneError(
      'usage',
      `--shard auto: ${first.by} and TOUCHSTONE_SHARDS=${total.slice(0, 40)} contradict each other`,
      'Unset one of them, or give --shard i/n.',
    );
  return { shard: first.shard, shards: first.shards };
}

function parseShard(text: string, name: string, hint: string): Shard {
  const match = /^(\d{1,6})\/(\d{1,6})$/.exec(text);
  const [shard, shards] = match === null ? [0, 0] : [Number(match[1]), Number(match[2])];
  if (shard < 1 || shard > shards || shards > maxShards)
    throw new TouchstoneError('usage', `${name} ${text.slice(0, 40)}: must be i/n with 1 ≤ i ≤ n`, hint);
  return { shard, shards };
}

function readService({ name, index, total, first }: Service, environment: Environment): Found[] {
  const isSlurm = name === 'Slurm';
  if (environment[index] === undefined) {
    // GitLab says the total of a job that is not parallel too: 1.
    const isAlone = name === 'GitLab' && environment[total] === '1';
    return isAlone ? [{ shard: 1, shards: 1, by: `${total}=1` }] : [];
  }
  const number = (variable: string): number => {
    const value = environment[variable];
    if (value !== undefined && /^\d{1,9}$/.test(value)) return Number(value);
    throw new TouchstoneError(
      'usage',
      value === undefined
        ? `--shard auto: ${index} of ${name} is set, but not ${variable}`
        : `--shard auto: ${variable} "${value.slice(0, 40)}" is not a whole number`,
      value === undefined ? `Set ${variable}, or give --shard i/n.` : 'Give --shard i/n.',
    );
  };
  const [at, shards] = [number(index), number(total)];
  const begin = typeof first === 'string' ? number(first) : first;
  const by = [`${index}=${at}`, `${total}=${shards}`].join(', ');
  if (isSlurm) checkArray(begin, number('SLURM_ARRAY_TASK_MAX'), shards);
  const shard = at - begin + 1;
  if (shard < 1 || shard > shards || shards > maxShards)
    throw new TouchstoneError(
      'usage',
      `--shard auto: ${by} of ${name} is not one of ${shards} jobs, of which the first is ${begin}`,
      'Give --shard i/n.',
    );
  return [{ shard, shards, by }];
}

/** A part of an array that is submitted again has another total, and gaps have no place in a plan. */
function checkArray(min: number, max: number, count: number): void {
  if (min <= 1 && max - min + 1 === count) return;
  throw new TouchstoneError(
    'usage',
    `--shard auto: SLURM_ARRAY_TASK_MIN=${min}, SLURM_ARRAY_TASK_MAX=${max} and SLURM_ARRAY_TASK_COUNT=${count} are ` +
      'not an array from 0 or 1 without gaps',
    'Submit with --array=1-N, or give --shard i/n.',
  );
}
