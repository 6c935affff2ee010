import { backends } from '@touchstone/backends';
import { NetworkDescription, parseJson, type CaseRow } from '@touchstone/contract';
import { openGolden, type GoldenStore } from '@touchstone/harness';
import { methods, parametersOf, type Parameter } from '@touchstone/methods';
import { coloursFor, formatTable } from '@touchstone/report';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { print, printJson } from './output.js';

export function list({ json = false, golden }: { json?: boolean; golden: string }): void {
  const store = openGolden(golden);
  const found = {
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
    networks: networkNames(store).map((name) => {
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
  if (json) return printJson(found);

  const colours = coloursFor(process.stdout);
  const table = (heads: string[], rows: string[][]) =>
    formatTable(
      heads,
      rows.map((row) => row.map((text) => ({ text }))),
      colours,
    );
  const parameters = (params: readonly Parameter[]) =>
    params
      .map(({ name, default: value }) =>
        value === undefined
          ? `${name} (required)`
          : `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
      )
      .join(' ');
  print(
    ...table(
      ['method', 'cases', 'parameters, with their defaults'],
      found.methods.map(({ id, cases, params }) => [id, String(cases), parameters(params)]),
    ),
    '',
    ...table(
      ['network', 'input', 'cases', 'why'],
      found.networks.map(({ name, input, cases, why }) => [name, input.join('×'), String(cases), why]),
    ),
    '',
    ...table(
      ['backend', ''],
      found.backends.map(({ id, title }) => [id, title]),
    ),
    '',
    `${found.cases.total} cases, ${found.cases.quick} of them quick`,
  );
}

/** In order of first use by a case. */
export function networkNames(store: GoldenStore): string[] {
  return [...new Set(store.cases.map((row) => row.network))];
}

function readDescription(store: GoldenStore, name: string): NetworkDescription {
  const file = join(store.networkFolder(name), 'network.json');
  return parseJson(readFileSync(file, 'utf8'), NetworkDescription, file, 'golden-damaged');
}

function count(store: GoldenStore, has: (row: CaseRow) => boolean): number {
  return store.cases.filter(has).length;
}
