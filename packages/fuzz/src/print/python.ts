/** Values as Python. */
import type { HostTensor } from '@touchstone/contract';

export const indent = (lines: readonly string[]): string[] => lines.map((line) => (line === '' ? '' : `    ${line}`));

export function pythonTensor({ shape, data }: HostTensor): string {
  return `torch.tensor([${data.join(', ')}]).reshape(${shape.join(', ')})`;
}

/** Of what JSON can hold. */
export function pythonLiteral(value: unknown): string {
  if (value === null || typeof value === 'boolean') return { null: 'None', true: 'True', false: 'False' }[`${value}`];
  if (Array.isArray(value)) return `[${value.map(pythonLiteral).join(', ')}]`;
  if (typeof value !== 'object') return JSON.stringify(value);
  const entries = Object.entries(value).map(([name, each]) => `${JSON.stringify(name)}: ${pythonLiteral(each)}`);
  return `{${entries.join(', ')}}`;
}

/** A name that Python takes for a variable or an attribute. */
export function isIdentifier(name: string): boolean {
  return /^[A-Za-z_]\w*$/.test(name);
}
