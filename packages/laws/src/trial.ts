/** One example of a law on one subject: loads networks, explains, compares, and disposes everything at its end. */
import * as tf from '@tensorflow/tfjs-core';
import type { HostTensor, Stages } from '@touchstone/contract';
import type { Network } from '@touchstone/network';
import type { GeneratedNetwork } from './arbitraries/build-network.js';
import { expectClose, expectSameBits } from './disagreement.js';
import type { Keep, Values } from './later.js';
import { Unanswered, type Loaded, type Request, type Subject } from './law.js';
import { Shadow } from './shadow.js';

/** 512·u for float32. For float64 far below 1e-8, so that a constant rounded to float32 on the way is found. */
const tolerances = { float32: 512 * 2 ** -24, float64: 1e-11 };

export class Trial {
  readonly subject: Subject;
  /** Watches how near the example is to a switch point; undefined: nothing is watched. */
  readonly shadow: Shadow | undefined;
  readonly #networks: Loaded[] = [];
  readonly #kept: tf.Tensor[] = [];

  constructor(subject: Subject, watch: boolean) {
    this.subject = subject;
    this.shadow = watch ? new Shadow(this.keep) : undefined;
  }

  /** Allowed error, relative to the largest value. */
  get tolerance(): number {
    return tolerances[this.subject.precision];
  }

  /** Until the trial closes. */
  get keep(): Keep {
    return (tensor) => {
      const kept = tf.keep(tensor.clone());
      this.#kept.push(kept);
      return async () => (await kept.data<'float32'>()) as Values;
    };
  }

  /** Until the trial closes. */
  load(generated: GeneratedNetwork): Loaded {
    const loaded = this.subject.load(generated);
    this.#networks.push(loaded);
    return loaded;
  }

  /** The modules of a network, for a law that says that it needs them. */
  modulesOf({ network }: Loaded): Network {
    if (network === null) throw new Error('a law that looks inside was tested on a port');
    return network;
  }

  /** Reading a stage that the answer does not have throws `Unanswered`. */
  async explain(id: string, loaded: Loaded, request: Request): Promise<Stages> {
    await this.shadow?.explain(id, loaded.generated, request);
    return onlyPresent(id, await this.subject.explain(id, loaded, request));
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
    for (const network of this.#networks) network.dispose();
    this.shadow?.close();
    tf.dispose(this.#kept);
  }
}

/** `then` is read of whatever a promise resolves to. */
function onlyPresent(method: string, stages: Stages): Stages {
  return new Proxy(stages, {
    get(all, name) {
      if (typeof name === 'symbol' || name === 'then' || name in all) return Reflect.get(all, name) as HostTensor;
      throw new Unanswered(`${method} without the stage "${name}"`);
    },
  });
}
