/** The options that choose what is judged, as words of the commands that repeat it. */
import type { Part } from '@touchstone/contract';
import { findGolden } from '@touchstone/system';
import { defaultDeadline } from './options.js';
import { shellWord } from './shell-word.js';

/** In the order in which commands have them; what an option has by default is left out. */
const kinds = {
  port: 'one',
  outputs: 'one',
  partial: 'flag',
  backend: 'names',
  method: 'names',
  network: 'names',
  image: 'one',
  images: 'one',
  case: 'names',
  profile: 'one',
  input: 'each',
  target: 'one',
  set: 'each',
  require: 'names',
  expectations: 'one',
  deadline: 'one',
  golden: 'one',
} as const;

const defaults: Chosen = { profile: 'quick', deadline: defaultDeadline, golden: findGolden() };

/** The options of `verify` that choose. */
export type Chosen = {
  readonly [Name in keyof typeof kinds]?:
    | (Name extends 'deadline'
        ? number
        : (typeof kinds)[Name] extends 'flag'
          ? boolean
          : (typeof kinds)[Name] extends 'one'
            ? string
            : readonly string[])
    | undefined;
};

export type ChosenName = keyof typeof kinds;

export function optionWords(options: Chosen): string[] {
  return (Object.keys(kinds) as ChosenName[]).flatMap((name) => {
    const value = isGiven(options, name) ? options[name] : false;
    if (value === false || value === undefined) return [];
    if (value === true) return [`--${name}`];
    const values = typeof value === 'object' && kinds[name] === 'names' ? value.join(',') : value;
    return [values].flat().flatMap((one) => [`--${name}`, String(one)]);
  });
}

/** Whether an option has another value than without it. */
export function isGiven(options: Chosen, name: ChosenName): boolean {
  return options[name] !== undefined && options[name] !== defaults[name];
}

/** As it is typed. */
export function commandWith(command: string, options: Chosen): string {
  return ['npx touchstone', command, ...optionWords(options).map(shellWord)].join(' ');
}

/** The command that runs a shard of a plan; what is complete of it in the folder is kept. */
export function commandOfShard({ words, shards }: Part, shard: number, report: string): string {
  const part = shards === 1 ? [] : ['--shard', `${shard}/${shards}`];
  return ['npx touchstone verify', ...[...words, ...part, '--report', report, '--resume'].map(shellWord)].join(' ');
}
