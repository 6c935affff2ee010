import { stripVTControlCharacters } from 'node:util';
import { plainText } from '@touchstone/contract';
import type { Colours } from './colours.js';

/** A cell and its colour; colours do not count in the widths. */
export interface Cell {
  readonly text: string;
  readonly colour?: (text: string) => string;
  readonly right?: boolean;
}

type Rows = readonly (readonly Cell[])[];

const gap = 2;
/** The narrowest last column whose texts are wrapped. */
const narrowest = 16;

/**
 * Lines of a table with aligned columns; all text is cleaned. Where they are wider than `width`, the texts of the last
 * column are wrapped; where that is not enough, each row becomes lines of its own, one per column.
 */
export function formatTable(heads: readonly string[], rows: Rows, colours: Colours, width = Infinity): string[] {
  const clean = ({ text, ...cell }: Cell): Cell => ({ ...cell, text: plainText(text, 120) });
  const cleaned = rows.map((row) => row.map(clean));
  const all = [heads.map((text) => clean({ text, colour: colours.dim })), ...cleaned];
  const lines = aligned(all);
  if (fits(lines, width)) return lines;
  const last = heads.length - 1;
  const room = width - heads.slice(0, last).reduce((sum, _, column) => sum + widthOf(all, column) + gap, 0);
  if (room >= narrowest && !isRight(all, last)) return aligned(all.flatMap((row) => wrapLast(row, last, room)));
  const indent = largest(heads.map((head) => head.length)) + gap;
  return cleaned.flatMap((row, i) => (i === 0 ? [] : ['']).concat(record(row, all[0]!, Math.max(1, width - indent))));
}

export function fits(lines: readonly string[], width: number): boolean {
  return lines.every((line) => stripVTControlCharacters(line).length <= width);
}

function aligned(all: Rows): string[] {
  const columns = [...all[0]!.keys()];
  const widths = columns.map((column) => widthOf(all, column));
  const right = columns.map((column) => isRight(all, column));
  return all.map((row) =>
    row
      .map(({ text, colour }, column) => {
        const space = ' '.repeat(widths[column]! - text.length);
        const painted = colour ? colour(text) : text;
        return right[column] ? space + painted : column === row.length - 1 ? painted : painted + space;
      })
      .join(' '.repeat(gap))
      .trimEnd(),
  );
}

function widthOf(all: Rows, column: number): number {
  return largest(all.map((row) => row[column]?.text.length ?? 0));
}

/** `Math.max` takes no 200,000 arguments. */
function largest(values: readonly number[]): number {
  return values.reduce((a, b) => Math.max(a, b), 0);
}

function isRight(all: Rows, column: number): boolean {
  return all.some((row) => row[column]?.right);
}

/** A row as several, in which the cell `last` has at most `room` characters. */
function wrapLast(row: readonly Cell[], last: number, room: number): Cell[][] {
  const cell = row[last];
  if (cell === undefined) return [[...row]];
  const before = row.slice(0, last);
  const blank = before.map((): Cell => ({ text: '' }));
  return wrapped(cell.text, room).map((text, i) => (i === 0 ? before : blank).concat({ ...cell, text }));
}

/** A row as a table of heads and texts. */
function record(row: readonly Cell[], heads: readonly Cell[], room: number): string[] {
  return aligned(
    row.flatMap(({ text, colour }, i) => wrapLast([heads[i]!, { text, ...(colour && { colour }) }], 1, room)),
  );
}

/** Lines of at most `room` characters, broken between words where there are any. */
function wrapped(text: string, room: number): string[] {
  const lines: string[] = [];
  let rest = text;
  while (rest.length > room) {
    const space = rest.lastIndexOf(' ', room);
    const end = space > 0 ? space : room;
    lines.push(rest.slice(0, end));
    rest = rest.slice(end).trimStart();
  }
  return [...lines, rest];
}
