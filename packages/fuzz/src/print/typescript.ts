/** A network and tensors as TypeScript on our API. */
import type { HostTensor, NetworkDescription } from '@touchstone/contract';

export const indent = (lines: readonly string[]): string[] => lines.map((line) => (line === '' ? '' : `  ${line}`));

/** A line per module and per weight. */
export function typescriptNetwork(
  { modules, ...rest }: NetworkDescription,
  weights: Readonly<Record<string, HostTensor>>,
): string[] {
  const head = JSON.stringify(rest).slice(1, -1);
  return [
    'const network = loadNetwork(',
    ...indent([
      `parseNetwork({ ${head}, "modules": {`,
      ...indent(Object.entries(modules).map(([path, module]) => `${JSON.stringify(path)}: ${JSON.stringify(module)},`)),
      `} }, ${JSON.stringify(rest.name)}),`,
      '{',
      ...indent(
        Object.entries(weights).map(([name, tensor]) => `${JSON.stringify(name)}: ${typescriptTensor(tensor)},`),
      ),
      '},',
    ]),
    ');',
  ];
}

export function typescriptTensor({ shape, data }: HostTensor): string {
  const values = Array.from(data, (value) => (Object.is(value, -0) ? '-0' : String(value)));
  return `{ shape: [${shape.join(', ')}], data: Float64Array.of(${values.join(', ')}) }`;
}
