/**
 * Runs each example on one backend and compares with PyTorch, event by event. One test file per backend, because Vitest
 * runs each file in a process of its own.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs-core';
import { findBackend } from '@touchstone/backends';
import { describeMismatch, judgeStage, readSafetensors, type HostTensor } from '@touchstone/contract';
import { readNetworkFolder } from '@touchstone/session';
import { fromHost, loadNetwork, scoped, toHost, Variable, type Network } from '@touchstone/network';
import { beforeAll, describe, expect, it } from 'vitest';
import { examples, type Example } from './examples.js';

const golden = (path: string): string => fileURLToPath(new URL(`../../golden/${path}`, import.meta.url));
const tensorsOf = (path: string) => readSafetensors(readFileSync(golden(path)), path);

/** PyTorch's values are float64: only float32's rounding is allowed. */
const reference = { e2: 0, eMax: 0 };

const trace = tensorsOf('traces/worked-examples.safetensors');
const recorded = (JSON.parse(trace.metadata['touchstone']!) as { events: string[] }).events;

interface Opened {
  readonly run: () => Record<string, tf.Tensor>;
  /** Calls the network without any gradient. */
  readonly callPlainly: () => Variable | null;
  readonly network: Network | null;
}

function open(example: Example): Opened {
  if (!('network' in example)) return { run: example.run, callPlainly: () => null, network: null };
  const { description, weights } = readNetworkFolder(golden(`networks/${example.network}`));
  const network = loadNetwork(example.prepare?.(description) ?? description, weights);
  const { x } = tensorsOf(`inputs/${example.input}.safetensors`).tensors;
  return {
    run: () => example.run(network, fromHost(x!)),
    callPlainly: () => network.call(Variable.leaf(fromHost(x!))),
    network,
  };
}

async function eventsOf({ run }: Opened): Promise<[string, HostTensor][]> {
  return scoped(async () => {
    const events: [string, HostTensor][] = [];
    for (const [event, tensor] of Object.entries(run())) events.push([event, await toHost(tensor)]);
    return events;
  });
}

export function describeExamples(backend: string): void {
  describe(backend, async () => {
    const availability = await findBackend(backend).probe();
    if (availability.status === 'unavailable') {
      it.skip(`is unavailable: ${availability.reason}`);
      return;
    }
    beforeAll(() => findBackend(backend).open());

    it.each(examples)('$name sees what PyTorch sees, and leaves nothing', async (example) => {
      const before = tf.memory().numTensors;
      const opened = open(example);
      const events = await eventsOf(opened);
      expect(events.map(([event]) => `${example.name}/${event}`)).toEqual(
        recorded.filter((name) => name.startsWith(`${example.name}/`)),
      );
      for (const [event, value] of events) {
        const judgement = judgeStage(value, trace.tensors[`${example.name}/${event}`]!, reference);
        expect(judgement.check, `event "${event}" differs:\n${describeMismatch(judgement).join('\n')}`).toBeNull();
      }
      expect(await eventsOf(opened), 'a second time').toEqual(events);
      // A hook left behind would register another on a tensor without a gradient, which throws.
      tf.tidy(() => void expect(opened.callPlainly()?.requiresGrad ?? false).toBe(false));
      opened.network?.dispose();
      expect(tf.memory().numTensors).toBe(before);
    });
  });
}
