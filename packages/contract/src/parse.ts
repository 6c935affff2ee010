import type { z } from 'zod';
import { choices } from './did-you-mean.js';
import { TouchstoneError, type ErrorCode } from './errors.js';

/** The most faults that one error names. */
const shown = 3;

/**
 * The value as the schema describes it, defaults filled in; otherwise an error that names the fields at fault. `label`
 * says whose value it is; `remedy` is the hint where the fields cannot tell.
 */
export function parse<S extends z.ZodType>(
  schema: S,
  value: unknown,
  label: string,
  code: ErrorCode = 'bad-input',
  remedy?: string,
): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const faults = result.error.issues.flatMap((issue) => innermost(issue, []));
  const lines = faults
    .slice(0, shown)
    .map(({ path, message }) => `${path === '' ? '' : `"${path}": `}${message.slice(0, 200)}`);
  const more = faults.length > shown ? ` (and ${faults.length - shown} more)` : '';
  throw new TouchstoneError(
    code,
    `${label}: ${lines.join('; ')}${more}`,
    remedy ?? hintFor(faults.find(({ unknown }) => unknown !== undefined) ?? faults[0], label, schema),
  );
}

function hintFor(fault: Fault | undefined, label: string, schema: z.ZodType): string {
  const known = fault?.unknown === undefined ? [] : fieldsAt(schema, fault.steps);
  if (known.length > 0) return choices('field', fault!.unknown!, known);
  if (fault === undefined || fault.path === '') return `Correct ${label}.`;
  return `${fault.isMissing ? 'Give' : 'Correct'} "${fault.path}" in ${label}.`;
}

/** Parses JSON text against the schema. */
export function parseJson<S extends z.ZodType>(
  text: string,
  schema: S,
  label: string,
  code: ErrorCode = 'bad-input',
): z.output<S> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const why = error instanceof Error ? error.message.slice(0, 200) : String(error);
    throw new TouchstoneError(code, `${label} is not JSON: ${why}`, `Correct ${label}; it may be truncated.`);
  }
  return parse(schema, value, label, code);
}

/** Parses a file with one JSON value per line; empty lines are skipped. Errors name the line, counted from 1. */
export function parseJsonLines<S extends z.ZodType>(
  text: string,
  schema: S,
  label: string,
  code: ErrorCode = 'bad-input',
): z.output<S>[] {
  const values: z.output<S>[] = [];
  for (const [number, line] of text.split('\n').entries()) {
    if (line.trim() !== '') values.push(parseJson(line, schema, `${label}, line ${number + 1}`, code));
  }
  return values;
}

/** The names that a schema knows at a path; of a union, those of all its alternatives. */
function fieldsAt(schema: unknown, path: readonly PropertyKey[]): string[] {
  const def = (schema as Partial<z.ZodType> | undefined)?._zod?.def as Readonly<Record<string, unknown>> | undefined;
  if (def === undefined) return [];
  const inner = def['innerType'] ?? def['in'];
  if (inner !== undefined) return fieldsAt(inner, path);
  if (Array.isArray(def['options'])) return [...new Set(def['options'].flatMap((option) => fieldsAt(option, path)))];
  const [step, ...rest] = path;
  const shape = def['shape'] as Readonly<Record<PropertyKey, unknown>> | undefined;
  if (step === undefined) return Object.keys(shape ?? {});
  return fieldsAt(shape?.[step] ?? def['element'] ?? def['valueType'], rest);
}

interface Fault {
  readonly steps: readonly PropertyKey[];
  readonly path: string;
  readonly message: string;
  readonly isMissing: boolean;
  /** The name of a field that does not exist. */
  readonly unknown: string | undefined;
}

/**
 * Of a union, the faults of the alternative that came nearest: the one whose faults lie deepest, then the one with
 * fewest.
 */
function innermost(issue: z.core.$ZodIssue, outer: readonly PropertyKey[]): Fault[] {
  const path = [...outer, ...issue.path];
  if (issue.code === 'invalid_union') {
    const branches = issue.errors.map((issues) => issues.flatMap((inner) => innermost(inner, path)));
    const depth = (faults: Fault[]): number => Math.max(0, ...faults.map((fault) => fault.path.length));
    const [nearest] = branches
      .filter((faults) => faults.length > 0)
      .sort((a, b) => depth(b) - depth(a) || a.length - b.length);
    if (nearest !== undefined) return nearest;
  }
  return [
    {
      steps: path,
      path: dotted(path),
      message: issue.message,
      isMissing: issue.code === 'invalid_type' && issue.message.endsWith('received undefined'),
      unknown: issue.code === 'unrecognized_keys' ? issue.keys[0] : undefined,
    },
  ];
}

function dotted(path: readonly PropertyKey[]): string {
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '')
    .slice(0, 200);
}
