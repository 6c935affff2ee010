import { nonFiniteStages } from '@touchstone/contract';
import type { PeakMemory } from '../peak-memory.js';
import type { ExplainAnswer, ExplainOptions, ExplainRequest } from '../request.js';
import { firstDifferent } from '../first-different.js';
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
  const { twice = false, measuresMemory = twice } = options;
  let before: number | undefined;
  try {
    if (measuresMemory) memory.forget();
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
      nonFinite: nonFiniteStages({ ...explained.stages, ...(explained.logits && { logits: explained.logits }) }),
      leaked,
      peakBytes: measuresMemory ? memory.peak() : null,
    };
  } catch (error) {
    return errored(error, before === undefined ? 0 : engine.tensors() - before);
  }
}
