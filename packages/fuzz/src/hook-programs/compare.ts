/** Compares two traces of one program: the same events in the same order, with the same values. */
import type { HostTensor, Stages } from '@touchstone/contract';
import { tensorText, Disagreement, expectClose } from '@touchstone/laws';

/** Relative to the largest value of the event, in float64. */
const tolerance = 1e-9;
const maxValues = 12;

/** null where the traces agree; else the first difference as text, in at most 12 lines. */
export function compareTraces(ours: Stages, pytorch: Stages): string | null {
  const [got, expected] = [Object.entries(ours), Object.entries(pytorch)];
  for (let i = 0; i < Math.max(got.length, expected.length); i++) {
    const [mine, theirs] = [got[i], expected[i]];
    const why = difference(mine, theirs, () => size([...got, ...expected], theirs![0]));
    if (why === null) continue;
    return [
      `the traces differ at stage ${i + 1} of ${expected.length}: ${why}`,
      `  before:  ${i === 0 ? 'nothing' : shown(expected[i - 1])}`,
      `  PyTorch: ${shown(theirs)}`,
      `  ours:    ${shown(mine)}`,
      `  after:   PyTorch ${expected[i + 1]?.[0] ?? 'the end'}; ours ${got[i + 1]?.[0] ?? 'the end'}`,
    ].join('\n');
  }
  return null;
}

type Stage = readonly [name: string, tensor: HostTensor] | undefined;

function difference(mine: Stage, theirs: Stage, scale: () => number): string | null {
  if (!theirs) return 'PyTorch has no more events';
  if (!mine) return 'ours has no more events';
  if (mine[0] !== theirs[0]) return 'another event';
  try {
    expectClose('the same event', mine[1], theirs[1], tolerance, scale());
    return null;
  } catch (error) {
    if (error instanceof Disagreement) return error.message;
    throw error;
  }
}

/** The largest value of a stage's event: of all stages with its number. */
function size(stages: readonly (readonly [string, HostTensor])[], stage: string): number {
  const event = stage.split(' ', 1)[0]!;
  let largest = 0;
  for (const [name, { data }] of stages) {
    if (name.split(' ', 1)[0] === event) for (const value of data) largest = Math.max(largest, Math.abs(value));
  }
  return largest;
}

function shown(stage: Stage): string {
  return stage ? `${stage[0]}  ${tensorText(stage[1], maxValues)}` : 'nothing';
}
