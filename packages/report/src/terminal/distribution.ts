/** How far the answers to many images are from right: quantiles of error/allowed, and the worst images. */
import { plainText, type Outcome } from '@touchstone/contract';
import { figure } from '../figures.js';
import { ratioOf, tallies } from '../tallies.js';
import type { Colours } from './colours.js';
import { formatTable, type Cell } from './format-table.js';

const worstShown = 5;
/** Of these shares of the images, the ratio is at most as large. */
const shares = [0.5, 0.9, 0.99];

/** @returns nothing where nothing was judged */
export function distributionLines(outcomes: readonly Outcome[], colours: Colours, width: number): string[] {
  const judged = outcomes.filter((outcome) => ratioOf(outcome) !== null);
  if (judged.length === 0) return [];
  const rows = tallies(judged).map(({ method, backend }) => {
    const ratios = judged
      .filter((outcome) => outcome.method === method && outcome.backend === backend)
      .map((outcome) => ratioOf(outcome)!)
      .toSorted((a, b) => a - b);
    const numbers = [...shares.map((share) => ratios[Math.ceil(share * ratios.length) - 1]!), ratios.at(-1)!];
    const titles: Cell[] = [{ text: method }, { text: plainText(backend, 40) }];
    return titles.concat(
      { text: String(ratios.length), right: true },
      numbers.map((value) => cellOf(value, colours)),
    );
  });
  const worst = judged.toSorted((a, b) => ratioOf(b)! - ratioOf(a)!).slice(0, worstShown);
  return [
    '',
    ...formatTable(['error/allowed', 'backend', 'judged', 'median', '90 %', '99 %', 'largest'], rows, colours, width),
    '',
    'largest error/allowed:',
    ...worst.map((outcome) => `  ${figure(ratioOf(outcome))}  ${plainText(outcome.case, 120)}`),
  ];
}

function cellOf(value: number, { red }: Colours): Cell {
  const cell = { text: figure(value), right: true };
  return value > 1 ? { ...cell, colour: red } : cell;
}
