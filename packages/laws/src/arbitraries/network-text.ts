/** Networks and tensors as a person reads them, in bounded length. */
import type { HostTensor, NetworkDescription } from '@touchstone/contract';

/** Shape and the first values. */
export function tensorText({ shape, data }: HostTensor, maxValues = 24): string {
  const shown = Array.from(data.subarray(0, maxValues), (value) => `${Number(value.toPrecision(9))}`);
  const rest = data.length - maxValues;
  return `[${shape.join(',')}] ${shown.join(' ')}${rest > 0 ? ` … ${rest} more` : ''}`;
}

/**
 * One line per call, in order of execution of each container, with what differs from the plainest attributes; then
 * the weights.
 */
export function networkText(
  { input, modules }: NetworkDescription,
  weights: Readonly<Record<string, HostTensor>>,
): string {
  const lines = [`input [${input.shape.join(',')}]`];
  const visit = (path: string, indent: string): void => {
    const container = modules[path];
    if (!container || !('calls' in container)) return;
    for (const call of container.calls) {
      if (!('args' in call)) {
        lines.push(`${indent}${call.name} = ${'number' in call ? call.number : call.weight}`);
        continue;
      }
      const args = call.args.join(', ');
      if ('op' in call) {
        lines.push(`${indent}${call.name} = ${call.op}(${args}) ${attributesText(call.attributes)}`);
        continue;
      }
      const module = modules[call.module]!;
      const what =
        'alias' in module
          ? module.alias
          : `${module.type} ${'attributes' in module ? attributesText(module.attributes) : ''}`;
      lines.push(`${indent}${call.name} = ${call.module}(${args}) ${what}`);
      visit(call.module, `${indent}  `);
    }
    lines.push(`${indent}→ ${container.output}`);
  };
  visit('', '  ');
  for (const [name, weight] of Object.entries(weights)) lines.push(`  ${name} ${tensorText(weight)}`);
  return lines.join('\n');
}

function attributesText(attributes: Readonly<Record<string, unknown>>): string {
  return Object.entries(attributes)
    .filter(([, value]) => value !== false && value !== null)
    .map(([name, value]) => `${name}=${Array.isArray(value) ? value.join('×') : String(value)}`)
    .join(' ');
}
