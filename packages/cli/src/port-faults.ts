import { plainText } from '@touchstone/contract';
import type { Colours } from '@touchstone/report';

/** Said after the answers of a port that broke the rules of ports; empty where it kept them. */
export function faultLines(faults: readonly string[], colours: Colours): string[] {
  if (faults.length === 0) return [];
  return [
    '',
    ...faults.map((fault) => colours.red(`✗ ${plainText(fault, 800)}`)),
    colours.red('incomplete: from a port that broke the rules, so that nothing it answered counts as right'),
    '  Compare what it sends with docs/port-protocol.md.',
  ];
}
