import { TouchstoneError, unknownName, type CaseRow } from '@touchstone/contract';

/** Which cases to run. `*` in a name matches any characters; several names are alternatives. */
export interface Selection {
  readonly methods?: readonly string[] | undefined;
  readonly networks?: readonly string[] | undefined;
  readonly cases?: readonly string[] | undefined;
  /** `full`, the default, has all cases. Cases that are all given by their full names run whatever their profile. */
  readonly profile?: 'quick' | 'full' | undefined;
}

/**
 * The selected cases in their order in cases.jsonl. @throws TouchstoneError for a name without a match, with the
 * nearest
 */
export function selectCases(all: readonly CaseRow[], selection: Selection): CaseRow[] {
  const isQuick = selection.profile === 'quick' && !(selection.cases?.every(isName) ?? false);
  let rows = all.filter((row) => !isQuick || row.profile === 'quick');
  if (rows.length === 0) throw new TouchstoneError('usage', 'the profile "quick" has no cases', 'Give --profile full.');
  rows = keep(rows, all, 'method', selection.methods, (row) => row.method);
  rows = keep(rows, all, 'network', selection.networks, (row) => row.network);
  return keep(rows, all, 'case', selection.cases, (row) => row.id);
}

/** The known ids that match one of the patterns, in their order. */
export function selectNames(kind: string, known: readonly string[], patterns: readonly string[]): string[] {
  for (const pattern of patterns) {
    if (!known.some(glob(pattern))) throw unknownName(kind, pattern, [...known]);
  }
  const matches = patterns.map(glob);
  return known.filter((name) => matches.some((match) => match(name)));
}

/** Those that are no patterns. */
export function namesIn(patterns: readonly string[] | undefined): string[] | undefined {
  return patterns?.filter(isName);
}

function isName(pattern: string): boolean {
  return !pattern.includes('*');
}

/** Whether a name matches a pattern, in which `*` matches any characters. */
export function glob(pattern: string): (name: string) => boolean {
  const parts = pattern.split('*');
  if (parts.length === 1) return (name) => name === pattern;
  const [first, ...rest] = parts as [string, ...string[]];
  const last = rest.pop() as string;
  return (name) => {
    if (!name.startsWith(first) || name.length < first.length + last.length) return false;
    let from = first.length;
    const end = name.length - last.length;
    for (const part of rest) {
      const at = name.indexOf(part, from);
      if (at === -1 || at + part.length > end) return false;
      from = at + part.length;
    }
    return from <= end && name.endsWith(last);
  };
}

function keep(
  rows: CaseRow[],
  all: readonly CaseRow[],
  kind: string,
  patterns: readonly string[] | undefined,
  nameOf: (row: CaseRow) => string,
): CaseRow[] {
  if (patterns === undefined) return rows;
  const names = new Set(selectNames(kind, [...new Set(all.map(nameOf))], patterns));
  const kept = rows.filter((row) => names.has(nameOf(row)));
  if (kept.length > 0) return kept;
  throw new TouchstoneError(
    'usage',
    `no selected case matches --${kind} ${patterns.join(' ')}`,
    'Omit one of the filters, or give --profile full.',
  );
}
