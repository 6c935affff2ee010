import { TouchstoneError } from '@touchstone/contract';
import { spreadOf, interleave, type Spread } from '../rounds.js';
import type { Name, Ran } from './contestants.js';
import type { Entrant } from './entrants.js';

interface Turns {
  readonly entrants: readonly Entrant[];
  /** Contestants that do not take part, with the reason. */
  readonly absent: ReadonlyMap<Name, string>;
  readonly batch: number;
  /** Of our runs. */
  readonly samples: number;
  readonly rounds: number;
  readonly signal?: AbortSignal | undefined;
}

export interface Measured {
  /** Of our runs. */
  readonly milliseconds: number[];
  readonly perSecond: Partial<Record<Name, number>>;
  readonly ratio: Partial<Record<Name, Spread>>;
  readonly peakBytes: number | null;
  readonly notes: string[];
}

/** All in turn. A contestant that fails at this batch size, or is too slow for it, is left out, with a note. */
export async function measure({ entrants, absent, batch, samples, rounds: count, signal }: Turns): Promise<Measured> {
  const notes = [...absent].map(([name, why]) => `${name}: ${why}`);
  const present: { name: Name; run: () => Promise<Ran>; samples: number }[] = [];
  for (const { contestant, samples: its } of entrants) {
    const run = { samples: Math.max(its, batch), batch };
    if (its < batch && its < samples) {
      notes.push(`${contestant.name}: too slow for passes of ${batch}`);
      continue;
    }
    if (its < samples)
      notes.push(`${contestant.name}: timed on ${its} sample${its === 1 ? '' : 's'}, ours on ${samples}`);
    try {
      await contestant.run(run);
      present.push({ name: contestant.name, samples: run.samples, run: () => contestant.run(run) });
    } catch (error) {
      if (contestant.name === 'ours' || !(error instanceof TouchstoneError)) throw error;
      notes.push(`${contestant.name}: ${error.message}`);
    }
  }
  let peakBytes: number | null = null;
  const rounds = await interleave(
    present.map(({ name, run }) => async () => {
      const ran = await run();
      if (name === 'ours' && ran.peakBytes !== null) peakBytes = Math.max(peakBytes ?? 0, ran.peakBytes);
      return ran.milliseconds;
    }),
    { rounds: count, signal },
  );
  const entries = present.map(({ name, samples: its }, which) => ({
    name,
    rates: rounds.map((round) => (1000 * imagesOf(its, samples)) / round[which]!),
  }));
  const mine = entries[0]!.rates;
  return {
    milliseconds: rounds.map(([ours]) => ours!),
    perSecond: Object.fromEntries(entries.map(({ name, rates }) => [name, spreadOf(rates).median])),
    ratio: Object.fromEntries(
      entries.map(({ name, rates }) => [name, spreadOf(rates.map((rate, round) => mine[round]! / rate))]),
    ),
    peakBytes,
    notes,
  };
}

/**
 * The images that a run counts for where ours has more samples. Both runs have one more forward pass, half an image's
 * work at most, so a sample of the shorter run counts for more.
 */
export function imagesOf(samples: number, ours: number): number {
  return (ours * (samples + 0.5)) / (ours + 0.5);
}
