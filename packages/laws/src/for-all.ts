import fc from 'fast-check';
import { Disagreement } from './disagreement.js';
import { Unanswered, type Law, type Subject } from './law.js';
import { Trial } from './trial.js';

/** Relative distance to a switch point below which rounding alone decides on which side a unit is. */
const margins = { float32: 512 * 2 ** -24, float64: 1e-12 };

type Check<T> = (trial: Trial, example: T) => Promise<void>;

/**
 * A law about every example of `examples`. Where `check` disagrees, it runs once more, watched. An example that
 * rounding decides is not a counter-example, and counts as skipped: a ReLU or max pool so near a switch point that it
 * may go either way, or a difference within the rounding of terms that cancel.
 */
export function forAll<T>(examples: fc.Arbitrary<T>, check: Check<T>): Law['property'] {
  return (subject, course) =>
    fc.asyncProperty(examples, async (example) => {
      if (!(await course.proceed())) return;
      try {
        await judge(subject, check, example);
        course.judged();
      } catch (error) {
        if (error instanceof Unanswered) return course.unanswered(error.message);
        if (!fc.PreconditionFailure.isFailure(error)) course.failed();
        throw error;
      }
    }) as fc.IAsyncProperty<[unknown]>;
}

/** Throws where the law does not hold, and fails a precondition where rounding decides. */
async function judge<T>(subject: Subject, check: Check<T>, example: T): Promise<void> {
  const trial = new Trial(subject, false);
  try {
    await check(trial, example);
  } catch (error) {
    if (!(error instanceof Disagreement)) throw error;
    const { margin, amplitude } = await watch(subject, check, example);
    fc.pre(margin > margins[subject.precision] && error.distance > trial.tolerance * amplitude);
    throw error;
  } finally {
    trial.close();
  }
}

async function watch<T>(subject: Subject, check: Check<T>, example: T): Promise<{ margin: number; amplitude: number }> {
  const trial = new Trial(subject, true);
  const shadow = trial.shadow!;
  try {
    await check(trial, example).catch((error: unknown) => {
      if (!(error instanceof Disagreement)) throw error;
    });
    return { margin: await shadow.margin(), amplitude: shadow.amplitude };
  } finally {
    trial.close();
  }
}
