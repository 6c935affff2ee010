import { join } from 'node:path';
import { backends } from '@touchstone/backends';
import { counted, NetworkDescription, parseJson, type CaseRow } from '@touchstone/contract';
import { openGolden, selectCases, type GoldenStore } from '@touchstone/harness';
import { methods, parametersOf } from '@touchstone/methods';
import { coloursFor, formatTable } from '@touchstone/report';
import { readText } from '@touchstone/system';
import { printAs, type JsonOutput } from './json-outputs.js';
import { print } from './output.js';

export interface ListOptions {
  readonly json?: boolean;
  /** Lists each of the networks whose names only differ by a number. */
  readonly all?: boolean;
  /** Lists the cases that match instead; true: all. */
  readonly cases?: string | true;
  readonly golden: string;
}

export function list({ json = false, all = false, cases, golden }: ListOptions): void {
  const store = openGolden(golden);
  if (cases !== undefined) return print(...caseTable(store, cases === true ? '*' : cases));
  const listed = listedIn(store);
  if (json) return printAs('list', listed);
  print(...tables(listed, all));
}

type Listed = JsonOutput<'list'>;

function listedIn(store: GoldenStore): Listed {
  return {
    methods: methods.map((method) => {
      const { id, title, source, fixtures } = method;
      return {
        id,
        title,
        source,
        params: parametersOf(method),
        fixtures,
        cases: count(store, (row) => row.method === id),
      };
    }),
    networks: installedNetworks(store).map((name) => {
      const { why, input, classes } = readDescription(store, name);
      return {
        name,
        why,
        input: input.shape,
        classes: classes?.length ?? null,
        cases: count(store, (row) => row.network === name),
      };
    }),
    backends: backends.map(({ id, title }) => ({ id, title })),
    cases: { total: store.cases.length, quick: count(store, (row) => row.profile === 'quick') },
  };
}

function installedNetworks(store: GoldenStore): string[] {
  return networkNames(store).filter((name) => !store.lacksNetwork(name));
}

function caseTable(store: GoldenStore, pattern: string): string[] {
  const rows = selectCases(store.cases, { cases: [pattern] });
  return formatTable(
    ['case', 'profile', 'why'],
    rows.map(({ id, profile, why }) => [{ text: id }, { text: profile }, { text: why }]),
    coloursFor(process.stdout),
    process.stdout.columns,
  );
}

/** The lines for a terminal. */
function tables(listed: Listed, all: boolean): string[] {
  const colours = coloursFor(process.stdout);
  const table = (heads: string[], rows: string[][]) =>
    formatTable(
      heads,
      rows.map((row) => row.map((text) => ({ text }))),
      colours,
      process.stdout.columns,
    );
  const networks = all ? listed.networks.map(rowOf) : collapsed(listed.networks);
  return [
    ...table(
      ['method', 'cases', 'parameters, with their defaults'],
      listed.methods.map(({ id, cases, params }) => [id, String(cases), params.map(inWords).join(' ')]),
    ),
    '',
    ...table(
      ['network', 'input', 'cases', 'why'],
      networks.map(({ name, input, cases, why }) => [name, input, String(cases), why]),
    ),
    '',
    ...table(
      ['backend', 'title'],
      listed.backends.map(({ id, title }) => [id, title]),
    ),
    '',
    `${counted(listed.cases.total, 'case')}, ${listed.cases.quick} of them quick`,
  ];
}

function inWords({ name, default: value }: Listed['methods'][number]['params'][number]): string {
  if (value === undefined) return `${name} (required)`;
  return `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`;
}

interface NetworkRow {
  readonly name: string;
  readonly input: string;
  readonly cases: number;
  readonly why: string;
}

type ListedNetwork = Omit<NetworkRow, 'input'> & { readonly input: readonly number[] };

function rowOf({ name, input, cases, why }: ListedNetwork): NetworkRow {
  return { name, input: input.join('×'), cases, why };
}

/** Of a numbered series, such as hooks/random-01 to -52, one row. */
function collapsed(networks: readonly ListedNetwork[]): NetworkRow[] {
  const series = new Map<string, ListedNetwork[]>();
  for (const network of networks) {
    const key = `${stem(network)} ${network.why}`;
    series.set(key, [...(series.get(key) ?? []), network]);
  }
  return [...series.values()].map((alike) => {
    const [first] = alike as [ListedNetwork];
    if (alike.length === 1) return rowOf(first);
    return {
      name: stem(first),
      input: 'various',
      cases: alike.reduce((sum, { cases }) => sum + cases, 0),
      why: `${alike.length} networks (--all shows each): ${first.why}`,
    };
  });
}

function stem({ name }: ListedNetwork): string {
  return name.replace(/-\d+$/, '-*');
}

/** In order of first use by a case. */
export function networkNames(store: GoldenStore): string[] {
  return [...new Set(store.cases.map((row) => row.network))];
}

function readDescription(store: GoldenStore, name: string): NetworkDescription {
  const file = join(store.networkFolder(name), 'network.json');
  return parseJson(readText(file, 'golden-damaged'), NetworkDescription, file, 'golden-damaged');
}

function count(store: GoldenStore, has: (row: CaseRow) => boolean): number {
  return store.cases.filter(has).length;
}
