/** One example of a law on one subject: loads networks, explains, compares, and leaves nothing behind. */
import fc from 'fast-check';
import type { HostTensor, Stages, Target } from '@touchstone/contract';
import { loadNetwork, type Network } from '@touchstone/network';
import type { GeneratedNetwork } from './arbitraries/build-network.js';
import { withVisibleBends } from './bends.js';
import { Disagreement, expectClose, expectSameBits } from './disagreement.js';
import { watchMargin } from './kink-margin.js';
import type { Law, Subject } from './law.js';

/** u = 2⁻²⁴; float64 leaves room for constants that went through float32 nowhere: an error of 1e-8 is one. */
const tolerances = { float32: 512 * 2 ** -24, float64: 1e-11 };

/** Relative distance to a kink below which rounding alone decides on which side a unit is. */
const kinks = { float32: 512 * 2 ** -24, float64: 1e-12 };

export interface Request {
  readonly x: HostTensor;
  readonly target: Target;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly noise?: HostTensor;
}

export class Trial {
  readonly subject: Subject;
  readonly #networks: Network[] = [];
  readonly #watch: boolean;
  /** Smallest seen, when watching. */
  margin = Infinity;

  constructor(subject: Subject, watch: boolean) {
    this.subject = subject;
    this.#watch = watch;
  }

  /** Allowed error, relative to the largest value. */
  get tolerance(): number {
    return tolerances[this.subject.precision];
  }

  /** Until the trial closes. */
  load({ description, weights }: GeneratedNetwork): Network {
    const network = loadNetwork(this.#watch ? withVisibleBends(description) : description, weights);
    this.#networks.push(network);
    if (this.#watch) watchMargin(network, (margin) => (this.margin = Math.min(this.margin, margin)));
    return network;
  }

  explain(id: string, network: Network, { x, target, params = {}, noise }: Request): Promise<Stages> {
    return this.subject.explain(id, { network, x, target, params, fixtures: noise ? { noise } : {} });
  }

  expectClose(what: string, actual: HostTensor, expected: HostTensor, scale?: number): void {
    expectClose(what, actual, expected, this.tolerance, scale);
  }

  expectStagesClose(what: string, actual: Stages, expected: Stages): void {
    for (const [stage, tensor] of Object.entries(expected)) this.expectClose(`${what}, stage "${stage}"`, actual[stage]!, tensor);
  }

  /** The same bits, or close where the backend declares that it does not repeat itself. */
  expectRepeated(what: string, actual: Stages, expected: Stages): void {
    if (!this.subject.deterministic) return this.expectStagesClose(what, actual, expected);
    for (const [stage, tensor] of Object.entries(expected)) expectSameBits(`${what}, stage "${stage}"`, actual[stage]!, tensor);
  }

  close(): void {
    for (const network of this.#networks) network.dispose();
  }
}

/**
 * A law about every example of `examples`. Where `check` disagrees, it runs once more with every ReLU and max pool watched:
 * an example with a unit so near a kink that rounding decides is no counter-example, and counts as skipped.
 */
export function forAll<T>(examples: fc.Arbitrary<T>, check: (trial: Trial, example: T) => Promise<void>): Law['property'] {
  return (subject) => {
    const run = async (example: T, watch: boolean): Promise<Trial> => {
      const trial = new Trial(subject, watch);
      try {
        await check(trial, example);
      } catch (error) {
        if (!watch || !(error instanceof Disagreement)) throw error;
      } finally {
        trial.close();
      }
      return trial;
    };
    return fc.asyncProperty(examples, async (example) => {
      try {
        await run(example, false);
      } catch (error) {
        if (!(error instanceof Disagreement)) throw error;
        const { margin } = await run(example, true);
        fc.pre(margin > kinks[subject.precision]);
        throw error;
      }
    }) as fc.IAsyncProperty<[unknown]>;
  };
}
