/**
 * Checks that files exist: every `*.md` and every source file `packages/….ts` that a comment, page or message names,
 * and every relative link of a Markdown file, heading included. Prints `file:line: what is missing`; exit status 1.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writtenFiles } from './written-files.mjs';

const checked = /\.(?:html|js|jsonc?|md|mjs|py|ts|ya?ml)$/;
/** They name files that do not exist here: data of tests, and what a run in CI writes. */
const ofElsewhere =
  /^(?:tools\/setup\/(?:check-\w+|tally)\.test\.mjs|tools\/ci\/.*\.yml|packages\/cli\/src\/init-ci\.test\.ts)$/;

const url = /\bhttps?:\/\/[^\s<>")\]]+/g;
/** A file name, with folders or without; not a pattern such as `*.md`, nor a part of a longer name. */
const document = /(?<![\w*./-])(?:[\w.-]+\/)*[\w-][\w.-]*\.md\b/g;
/** The path of a source file from the repository; those of other projects have other folders. */
const source = /(?<![\w*./-])(?:packages|tools|benchmarks|examples)\/(?:[\w.-]+\/)*[\w.-]+\.(?:ts|mjs|py)\b/g;
/** `[text](target)`, `![text](target "title")`, `[label]: target` */
const link = /\]\(\s*<?([^)\s>]+)>?[^)]*\)|^\s*\[[^\]]+\]:\s+(\S+)/g;

/**
 * @param {string} root of the repository
 * @param {readonly string[]} files below it, with `/`
 * @returns {{ file: string, line: number, problem: string }[]}
 */
export function danglingReferences(root, files) {
  const documents = files.filter((file) => file.endsWith('.md'));
  const found = [];
  for (const file of files) {
    for (const { line, text, isCode } of linesOf(root, file)) {
      const problems = [
        ...namesIn(text, document).filter((name) => !isDocument(name, file, documents)),
        ...namesIn(text, source).filter((path) => !existsSync(join(root, path))),
        ...(file.endsWith('.md') && !isCode
          ? linksIn(text).filter((target) => !leadsSomewhere(root, file, target))
          : []),
      ];
      for (const name of new Set(problems)) found.push({ file, line, problem: `${name} does not exist` });
    }
  }
  return found;
}

/** The lines of a file; of Markdown, which of them belong to a block of code. */
function linesOf(root, file) {
  let isCode = false;
  return readFileSync(join(root, file), 'utf8')
    .split('\n')
    .map((text, index) => {
      if (/^\s*(```|~~~)/.test(text)) isCode = !isCode;
      return { line: index + 1, text, isCode };
    });
}

function namesIn(text, pattern) {
  return text.replaceAll(url, '').match(pattern) ?? [];
}

/** By its path from the repository, from the file that names it, or by the end of its path alone. */
function isDocument(name, file, documents) {
  const paths = [normalize(name), join(dirname(file), name).replaceAll('\\', '/')];
  return documents.some((known) => paths.includes(known) || known.endsWith(`/${name}`));
}

function linksIn(text) {
  return [...text.replaceAll(/`[^`]*`/g, '').matchAll(link)]
    .map(([, inline, labelled]) => inline ?? labelled)
    .filter((target) => !/^[a-z][a-z+.-]*:/i.test(target));
}

function leadsSomewhere(root, file, target) {
  const [path, heading] = decodeURIComponent(target).split('#');
  const to = path === '' ? file : join(dirname(file), path);
  if (!existsSync(join(root, to))) return false;
  return heading === undefined || extname(to) !== '.md' || anchorsOf(root, to).has(heading);
}

/** As GitHub makes them of headings, and those that are written out. */
function anchorsOf(root, file) {
  const anchors = new Set();
  for (const { text, isCode } of linesOf(root, file)) {
    const heading = /^#{1,6}\s+(.*?)\s*#*$/.exec(text)?.[1];
    if (heading !== undefined && !isCode) {
      const slug = heading
        .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
        .replaceAll(/\s/g, '-');
      let unique = slug;
      for (let i = 1; anchors.has(unique); i++) unique = `${slug}-${i}`;
      anchors.add(unique);
    }
    for (const [, id] of text.matchAll(/<a\s+(?:id|name)="([^"]+)"/g)) anchors.add(id);
  }
  return anchors;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const found = danglingReferences(
    root,
    writtenFiles(root, checked).filter((file) => !ofElsewhere.test(file)),
  );
  for (const { file, line, problem } of found) console.error(`${file}:${line}: ${problem}`);
  process.exitCode = found.length > 0 ? 1 : 0;
}
