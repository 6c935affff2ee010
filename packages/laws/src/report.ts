import { counted } from '@touchstone/contract';
import type { LawResult } from './hold.js';
import type { Law } from './law.js';

/**
 * A broken law, for people.
 *
 * @param options those of `touchstone laws` that open the subject, such as "--backend cpu"
 */
export function reportOf(
  { id, title, why }: Pick<Law, 'id' | 'title' | 'why'>,
  { seed, counterExample }: Extract<LawResult, { status: 'broken' }>,
  { name, options }: { readonly name: string; readonly options: string },
): string {
  const { path, difference, example, shrinks } = counterExample;
  return [
    `✗ ${id} on ${name}: ${title}`,
    `  ${difference}`,
    `  catches: ${why}`,
    `  replay: ${replayOf(id, { seed, path, options })}`,
    `  example, shrunk ${counted(shrinks, 'time')}:`,
    `  ${example}`,
  ].join('\n');
}

export function replayOf(
  law: string,
  { seed, path, options }: { readonly seed: number; readonly path: string; readonly options: string },
): string {
  return `npx touchstone laws ${options} --law ${law} --seed ${seed} --path ${path}`;
}
