/** Results with what is known about their cases here: why each exists, where it is in the sources, how to repeat it. */
import { realpathSync, statSync } from 'node:fs';
import { isAbsolute, join, relative, sep } from 'node:path';
import { skipFindings, type CaseRow, type Outcome, type Results, type SkipLimit } from '@touchstone/contract';
import { openGolden, wordsOf } from '@touchstone/harness';
import { shownRun, type Place, type ShownRun } from '@touchstone/report';
import { readText } from '@touchstone/system';
import { replayFrom } from './given.js';

export interface Known {
  readonly cases: readonly CaseRow[];
  /** The folder with the goldens; null: the cases are in no file. */
  readonly golden: string | null;
}

interface Shown extends Known {
  /** The file, where several are shown together. */
  readonly label?: string | null;
  readonly maxSkipped?: SkipLimit | undefined;
}

export function shown(results: Results, { cases, golden, label = null, maxSkipped }: Shown): ShownRun {
  const { header, outcomes } = results;
  return shownRun(results, {
    label,
    why: new Map(cases.map((row) => [row.id, row.why])),
    replay: (outcome) => replayFrom(header, outcome),
    placeOf: placesOf(header.given?.port, { cases, golden }),
    findings: skipFindings(outcomes, header.unavailable, maxSkipped),
  });
}

/** The cases of a folder; without goldens, results are shown without the reasons of their cases. */
export function knownCases(golden: string): Known {
  try {
    return { cases: openGolden(golden).cases, golden };
  } catch {
    return { cases: [], golden: null };
  }
}

/** In the port, at the first line that names the method, or in cases.jsonl; of what is in this folder only. */
function placesOf(port: string | undefined, { cases, golden }: Known): (outcome: Outcome) => Place | null {
  const source = port === undefined ? null : sourceOf(port);
  if (source !== null) {
    const lines = linesOf(source);
    const file = inRepository(source)!;
    const known = new Map<string, Place>();
    return ({ method }) => {
      const place = known.get(method) ?? { file, line: lineOf(method, lines) };
      known.set(method, place);
      return place;
    };
  }
  const file = golden === null ? null : inRepository(join(golden, 'cases.jsonl'));
  if (file === null) return () => null;
  const rows = new Map(cases.map(({ id }, index) => [id, index + 1]));
  return ({ case: id }) => (rows.has(id) ? { file, line: rows.get(id)! } : null);
}

/** None of a file that is no text. */
function linesOf(source: string): string[] {
  try {
    return readText(source, 'bad-input').split('\n');
  } catch {
    return [];
  }
}

/** The first that names the method; 1 where none does. */
function lineOf(method: string, lines: readonly string[]): number {
  if (!isName.test(method)) return 1;
  const name = new RegExp(`(?<![\\w-])${method}(?![\\w-])`);
  return (
    Math.max(
      0,
      lines.findIndex((line) => name.test(line)),
    ) + 1
  );
}

/** As all methods of Touchstone are named; results may name others. */
const isName = /^[\w-]{1,100}$/;

/** The file of a port: a module, or the first file that a command names. */
function sourceOf(port: string): string | null {
  return wordsIn(port).find((word) => /\.\w+$/.test(word) && inRepository(word) !== null) ?? null;
}

function wordsIn(port: string): string[] {
  if (!port.startsWith('cmd:')) return [port];
  try {
    return wordsOf(port.slice(4));
  } catch {
    return [];
  }
}

/** The path of a file in this folder, with `/`; null: it is elsewhere, installed, too large, or no file. */
function inRepository(path: string): string | null {
  const here = process.cwd();
  // A path with NUL is an error of its own.
  const stat = path.includes('\0') ? undefined : statSync(path, { throwIfNoEntry: false });
  if (stat?.isFile() !== true || stat.size > maxSourceBytes) return null;
  const file = relative(realpathSync(here), realpathSync(path)).split(sep);
  return file[0] === '..' || isAbsolute(file.join(sep)) || file.includes('node_modules') ? null : file.join('/');
}

const maxSourceBytes = 4 * 2 ** 20;
