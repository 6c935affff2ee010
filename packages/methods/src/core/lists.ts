/** The lists of methods in documents, generated from the methods' declarations by `tools/methods/generate.mjs`. */
import type { Method } from './method.js';
import { parametersOf } from './parameters-of.js';

export interface List {
  /** The document, from the root of the repository. */
  readonly page: string;
  /** The document with its list replaced. @throws Error where the markers are missing */
  readonly update: (text: string, methods: readonly Method[]) => string;
}

const between =
  (list: (methods: readonly Method[]) => string[]): List['update'] =>
  (text, methods) => {
    const [start, end] = ['<!-- generated:methods -->', '<!-- /generated -->'];
    const from = text.indexOf(start);
    const to = text.indexOf(end, from);
    if (from < 0 || to < from) throw new Error(`the markers "${start}" and "${end}" are missing`);
    return `${text.slice(0, from + start.length)}\n${list(methods).join('\n')}\n${text.slice(to)}`;
  };

export const lists: readonly List[] = [
  { page: 'docs/methods.md', update: between(names) },
  { page: 'docs/formats.md', update: between(table) },
];

function names(methods: readonly Method[]): string[] {
  const rows = methods.map(({ id, title, source }) => `| \`${id}\` | ${title} | ${source} |`);
  return ['| method | what it shows | source |', '|---|---|---|', ...rows];
}

function table(methods: readonly Method[]): string[] {
  const rows = methods.map((method) => {
    const parameters = parametersOf(method).map(
      ({ name, default: byDefault, description }) =>
        `\`${name}\`${byDefault === undefined ? '' : ` ${JSON.stringify(byDefault)}`}` +
        (description === null ? '' : ` (${description})`),
    );
    const stages = Object.entries(method.stages).map(([name, what]) => `\`${name}\` ${what}`.trimEnd());
    return `| \`${method.id}\` | ${parameters.join('; ') || 'none'} | ${stages.join('; ')} |`;
  });
  return ['| method | parameters with their defaults | stages, in order |', '|---|---|---|', ...rows];
}
