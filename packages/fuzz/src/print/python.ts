/** Values as Python. */
import type { HostTensor } from '@touchstone/contract';

export const indent = (lines: readonly string[]): string[] => lines.map((line) => (line === '' ? '' : `    ${line}`));

export function pythonTensor({ shape, data }: HostTensor): string {
  const values = Array.from(data, (value) => (Object.is(value, -0) ? '-0.0' : String(value)));
  // Of whole numbers alone PyTorch would make integers.
  const dtype = data.every(Number.isInteger) ? ', dtype=torch.float64' : '';
  return `torch.tensor([${values.join(', ')}]${dtype}).reshape(${shape.join(', ')})`;
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
