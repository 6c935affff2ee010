/** One example of a law on one subject: loads networks, explains, compares, and disposes everything at its end. */
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import type { HostTensor, Stages, Target } from '@touchstone/contract';
import type { RunControl } from '@touchstone/methods';
import { loadNetwork, type Network } from '@touchstone/network';
import { amplitudeOf } from './amplitude.js';
import type { GeneratedNetwork } from './arbitraries/build-network.js';
import { withVisibleSwitches } from './switch-modules.js';
import { Disagreement, expectClose, expectSameBits } from './disagreement.js';
import { watchMargin } from './switch-margin.js';
import type { Keep, Values } from './later.js';
import type { Law, Subject } from './law.js';

/** 512·u for float32. For float64 far below 1e-8, so that a constant rounded to float32 on the way is found. */
const tolerances = { float32: 512 * 2 ** -24, float64: 1e-11 };

/** Relative distance to a switch point below which rounding alone decides on which side a unit is. */
const margins = { float32: 512 * 2 ** -24, float64: 1e-12 };

export interface Request {
  readonly x: HostTensor;
  readonly target: Target;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly noise?: HostTensor;
  readonly fixtures?: Readonly<Record<string, HostTensor>>;
  readonly control?: RunControl;
}

export class Trial {
  readonly subject: Subject;
  readonly #networks = new Map<Network, GeneratedNetwork>();
  readonly #watch: boolean;
  readonly #measured = new Set<Network>();
  readonly #margins: (() => Promise<number>)[] = [];
  readonly #kept: tf.Tensor[] = [];
  /** The largest amplitude of a network, when watching. */
  amplitude = 0;

  constructor(subject: Subject, watch: boolean) {
    this.subject = subject;
    this.#watch = watch;
  }

  /** Allowed error, relative to the largest value. */
  get tolerance(): number {
    return tolerances[this.subject.precision];
  }

  /** Until the trial closes. */
  readonly keep: Keep = (tensor) => {
    const kept = tf.keep(tensor.clone());
    this.#kept.push(kept);
    return async () => (await kept.data<'float32'>()) as Values;
  };

  /** The distance to the nearest switch point that was seen, when watching. */
  async margin(): Promise<number> {
    let nearest = Infinity;
    for (const read of this.#margins) nearest = Math.min(nearest, await read());
    return nearest;
  }

  /** Until the trial closes. */
  load(generated: GeneratedNetwork): Network {
    const { description, weights } = generated;
    const network = loadNetwork(this.#watch ? withVisibleSwitches(description) : description, weights);
    this.#networks.set(network, generated);
    if (this.#watch) this.#margins.push(watchMargin(network, this.keep));
    return network;
  }

  async explain(
    id: string,
    network: Network,
    { x, target, params = {}, noise, fixtures = {}, control }: Request,
  ): Promise<Stages> {
    if (this.#watch) await this.#measure(network, x);
    return this.subject.explain(id, {
      network,
      x,
      target,
      params,
      fixtures: noise ? { noise, ...fixtures } : fixtures,
      ...(control && { control }),
    });
  }

  /** Once for each network: its images have nearly the same amplitude. */
  async #measure(network: Network, x: HostTensor): Promise<void> {
    if (this.#measured.has(network)) return;
    this.#measured.add(network);
    this.amplitude = Math.max(this.amplitude, await amplitudeOf(this.#networks.get(network)!, x));
  }

  expectClose(what: string, actual: HostTensor, expected: HostTensor, scale?: number): void {
    expectClose(what, actual, expected, this.tolerance, scale);
  }

  expectStagesClose(what: string, actual: Stages, expected: Stages): void {
    for (const [stage, tensor] of Object.entries(expected))
      this.expectClose(`${what}, stage "${stage}"`, actual[stage]!, tensor);
  }

  /** The same bits, or close on a backend that declares itself not deterministic. */
  expectRepeated(what: string, actual: Stages, expected: Stages): void {
    if (!this.subject.deterministic) return this.expectStagesClose(what, actual, expected);
    for (const [stage, tensor] of Object.entries(expected))
      expectSameBits(`${what}, stage "${stage}"`, actual[stage]!, tensor);
  }

  close(): void {
    for (const network of this.#networks.keys()) network.dispose();
    tf.dispose(this.#kept);
  }
}

/**
 * A law about every example of `examples`. Where `check` disagrees, it runs once more, watched. An example that
 * rounding decides is not a counter-example, and counts as skipped: a ReLU or max pool so near a switch point that it
 * may go either way, or a difference within the rounding of terms that cancel.
 */
export function forAll<T>(
  examples: fc.Arbitrary<T>,
  check: (trial: Trial, example: T) => Promise<void>,
): Law['property'] {
  return (subject) => {
    const run = async (
      example: T,
      watch: boolean,
    ): Promise<{ margin: number; amplitude: number; tolerance: number }> => {
      const trial = new Trial(subject, watch);
      try {
        try {
          await check(trial, example);
        } catch (error) {
          if (!watch || !(error instanceof Disagreement)) throw error;
        }
        return { margin: await trial.margin(), amplitude: trial.amplitude, tolerance: trial.tolerance };
      } finally {
        trial.close();
      }
    };
    return fc.asyncProperty(examples, async (example) => {
      try {
        await run(example, false);
      } catch (error) {
        if (!(error instanceof Disagreement)) throw error;
        const { margin, amplitude, tolerance } = await run(example, true);
        fc.pre(margin > margins[subject.precision] && error.distance > tolerance * amplitude);
        throw error;
      }
    }) as fc.IAsyncProperty<[unknown]>;
  };
}
