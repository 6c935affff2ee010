/** A scene as a case: its row and files in golden/. The golden itself comes from `touchstone golden regen`. */
import { CaseRow, writeSafetensors, type NetworkDescription } from '@touchstone/contract';
import type { HookScene, Setting } from './scene.js';

/** Path below golden/ → content. */
export type Files = ReadonlyMap<string, string | Uint8Array>;

/** The files of a network and its input, both named `hooks/<name>`. */
export function settingFiles({ description, weights, x }: Setting, name: string, why: string): Files {
  return new Map<string, string | Uint8Array>([
    [`networks/hooks/${name}/network.json`, networkJson({ ...description, name, why })],
    [`networks/hooks/${name}/weights.safetensors`, writeSafetensors(weights)],
    [`inputs/hooks/${name}.safetensors`, writeSafetensors({ x })],
  ]);
}

/** @param id below `hooks/` */
export function caseRow(
  { target, program }: HookScene,
  { id, name, why }: { id: string; name: string; why: string },
): CaseRow {
  return CaseRow.parse({
    id: `hooks/${id}`,
    method: 'hooks',
    network: `hooks/${name}`,
    input: `hooks/${name}`,
    target,
    params: { program },
    profile: 'quick',
    about: 'every stage',
    why,
  });
}

/** The text of `cases.jsonl` without the rows whose ids satisfy `replaces`, followed by `rows`. */
export function withRows(cases: string, rows: readonly CaseRow[], replaces: (id: string) => boolean): string {
  const kept = cases
    .split('\n')
    .filter((line) => line.trim() !== '' && !replaces((JSON.parse(line) as { id: string }).id));
  return [...kept, ...rows.map((row) => JSON.stringify(row))].map((line) => `${line}\n`).join('');
}

/** A line per module and per call, in the exporter's format. */
function networkJson({ modules, ...fields }: NetworkDescription): string {
  const rows = Object.entries(modules).map(([path, module]) => {
    if (!('calls' in module)) return `    ${JSON.stringify(path)}: ${JSON.stringify(module)}`;
    const { calls, output, ...head } = module;
    const lines = calls.map((call) => `      ${JSON.stringify(call)}`);
    const inner = lines.length > 0 ? `\n${lines.join(',\n')}\n    ` : '';
    const opening = `    ${JSON.stringify(path)}: ${JSON.stringify(head).slice(0, -1)}`;
    return `${opening},"calls":[${inner}],"output":${JSON.stringify(output)}}`;
  });
  const head = Object.entries(fields).map(([key, value]) => `  ${JSON.stringify(key)}: ${JSON.stringify(value)},\n`);
  return `{\n${head.join('')}  "modules": {\n${rows.join(',\n')}\n  }\n}\n`;
}
