/** The program of a thread of a pool: one engine with one network. Started by member.ts. */
import { parentPort, type MessagePort, type TransferListItem } from 'node:worker_threads';
import { findBackend } from '@touchstone/backends';
import { TouchstoneError, messageOf } from '@touchstone/contract';
import { explain, findMethod } from '@touchstone/methods';
import { loadNetwork, type Network } from '@touchstone/network';
import type { Answer, InitMessage, Question } from './messages.js';

const port = parentPort as MessagePort;

async function join({ backend, description, weights }: InitMessage): Promise<Network> {
  await findBackend(backend).open();
  return loadNetwork(description, weights);
}

async function answer(network: Network, { method, x, target, params, stages: wanted }: Question): Promise<Answer> {
  const { stages } = await explain(
    findMethod(method),
    { network, x, target, params, fixtures: {} },
    { stages: wanted },
  );
  return { kind: 'stages', stages };
}

function threw(error: unknown): Answer {
  const { code = 'internal', hint } = error instanceof TouchstoneError ? error : {};
  return { kind: 'threw', code, message: messageOf(error), hint };
}

function send(message: Answer): void {
  const given =
    message.kind === 'stages' ? Object.values(message.stages).map(({ data }) => data.buffer as ArrayBuffer) : [];
  port.postMessage(message, given satisfies TransferListItem[]);
}

// Not workerData, which would hold the weights as long as the thread lives.
port.once('message', (joining: InitMessage) => {
  join(joining).then(
    (network) => {
      // An engine does one thing at a time.
      let last: Promise<void> = Promise.resolve();
      port.on(
        'message',
        (question: Question) => void (last = last.then(() => answer(network, question).catch(threw).then(send))),
      );
      send({ kind: 'ready' });
    },
    (error: unknown) => send(threw(error)),
  );
});
