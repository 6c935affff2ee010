import { join } from 'node:path';
import type { Outcome, Stages } from '@touchstone/contract';
import { panelGap, renderCompared, writePng } from '@touchstone/images';
import type { ComparedExhibit } from './page/page-data.js';

/** Failures with heat maps, so that a run in which all fails fills no disk. */
const maxFailures = 1000;
/** Passes with heat maps. */
const maxPasses = 400;

/**
 * Golden, answer and difference as heat maps: `images/compared/<case>/<backend>.<stage>.png`. Of a failure the first
 * stage that differs and the attribution, on every backend; of the first pass of a case the attribution.
 */
export class ComparedStages {
  readonly #folder: string;
  readonly #drawn = new Map<string, ComparedExhibit[]>();
  #failures = 0;
  #passes = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  of(id: string): readonly ComparedExhibit[] | undefined {
    return this.#drawn.get(id);
  }

  /** What an earlier run drew. */
  restore(id: string, drawn: readonly ComparedExhibit[]): void {
    this.#drawn.set(id, [...drawn]);
  }

  /** @param expected the stages that the golden stores whole */
  async add(outcome: Outcome, expected: Stages, answer: Stages): Promise<void> {
    if (!this.#isShown(outcome)) return;
    const { case: id, backend } = outcome;
    const drawn = this.#drawn.get(id) ?? [];
    this.#drawn.set(id, drawn);
    for (const stage of new Set([...(outcome.status === 'failed' ? [outcome.stage] : []), 'attribution'])) {
      const [golden, got] = [ownOf(expected, stage), ownOf(answer, stage)];
      const compared = golden && got ? renderCompared(golden, got, 1) : null;
      if (compared === null) continue;
      const { image, width, height, plane, scale, amplified } = compared;
      const file = `images/compared/${id}/${fileName(backend)}.${fileName(stage)}.png`;
      await writePng(join(this.#folder, file), image);
      drawn.push({ backend, stage, file, width, height, gap: panelGap, plane, scale, amplified });
    }
  }

  #isShown({ case: id, status }: Outcome): boolean {
    if (status === 'failed') return this.#failures++ < maxFailures;
    return status === 'passed' && !this.#drawn.has(id) && this.#passes++ < maxPasses;
  }
}

function ownOf(stages: Stages, stage: string): Stages[string] | undefined {
  return Object.hasOwn(stages, stage) ? stages[stage] : undefined;
}

/** A name of a port or a stage as part of a file name. */
function fileName(name: string): string {
  return name.replace(/[^\w#-]/g, '_').slice(0, 60);
}
