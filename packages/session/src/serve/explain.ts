import { sameBits, type Stages } from '@touchstone/contract';
import type { PeakMemory } from '../peak-memory.js';
import type { ExplainAnswer, ExplainOptions, ExplainRequest } from '../request.js';
import type { Engine } from './engine.js';
import { errored } from './errored.js';

/**
 * Explains once, or twice and measures memory, and counts the tensors that are left, also when it throws. Never
 * throws.
 */
export async function explainCounted(
  engine: Engine,
  request: ExplainRequest,
  options: ExplainOptions,
  memory: PeakMemory,
): Promise<ExplainAnswer> {
  const { twice = false } = options;
  let before: number | undefined;
  try {
    if (twice) memory.forget();
    await engine.load(request.networkFolder);
    before = engine.tensors();
    const start = performance.now();
    const explained = await engine.explain(request, options);
    const milliseconds = performance.now() - start;
    const again = twice ? await engine.explain(request, options) : null;
    const unrepeated = again && firstDifferent(explained.stages, again.stages);
    const leaked = engine.tensors() - before;
    return {
      kind: 'answered',
      ...explained,
      milliseconds,
      unrepeated,
      leaked,
      peakBytes: twice ? memory.peak() : null,
    };
  } catch (error) {
    return errored(error, before === undefined ? 0 : engine.tensors() - before);
  }
}

/** The first stage whose shape or bits differ, also one that only one of the two runs has. */
function firstDifferent(first: Stages, second: Stages): string | null {
  for (const name of new Set([...Object.keys(first), ...Object.keys(second)])) {
    const [a, b] = [first[name], second[name]];
    if (a === undefined || b === undefined || !sameBits(a, b)) return name;
  }
  return null;
}
