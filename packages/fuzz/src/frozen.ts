/** A scene as a case: its row and files in golden/. The golden itself comes from `touchstone golden regen`. */
import { CaseRow, writeSafetensors, type HostTensor, type NetworkDescription } from '@touchstone/contract';

/** A network with its input. */
interface Subject {
  readonly description: NetworkDescription;
  readonly weights: Readonly<Record<string, HostTensor>>;
  readonly x: HostTensor;
}

/** Path below golden/ → content. */
export type Files = ReadonlyMap<string, string | Uint8Array>;

/** @param name of the network and of its input, such as "hooks/odd-sizes" */
export function settingFiles({ description, weights, x }: Subject, name: string, why: string): Files {
  const short = name.split('/').at(-1)!;
  return new Map<string, string | Uint8Array>([
    [`networks/${name}/network.json`, networkJson({ ...description, name: short, why })],
    [`networks/${name}/weights.safetensors`, writeSafetensors(weights)],
    [`inputs/${name}.safetensors`, writeSafetensors({ x })],
  ]);
}

interface Case extends Pick<CaseRow, 'target' | 'params'> {
  readonly id: string;
  /** Of the network and of its input. */
  readonly name: string;
  readonly method: string;
  readonly fixture?: string;
  readonly why: string;
}

/** A quick case that requires every stage. */
export function caseRow({ name, ...rest }: Case): CaseRow {
  return CaseRow.parse({ ...rest, network: name, input: name, profile: 'quick', about: 'every stage' });
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
