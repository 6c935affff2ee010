import { TouchstoneError } from '@touchstone/contract';
import type { Reply, Request } from '../protocol.js';
import { BackendEngine } from './backend-engine.js';
import type { Context } from './context.js';
import { Unsupported, type Engine } from './engine.js';
import { errored } from './errored.js';
import { explainCounted } from './explain.js';
import { whileAlive } from './while-alive.js';

/** Answers the questions of `Session.ask`, on the backend that is open. */
export type Extension = (question: unknown, engine: BackendEngine) => Promise<unknown>;

export type Dispatch = (request: Request) => Promise<Reply>;

/**
 * Answers requests one at a time, where the engine runs. Rejects only where the device is lost: nothing more can be
 * asked here.
 */
export function dispatcher(context: Context, extension?: Extension): Dispatch & { close(): Promise<void> } {
  let engine: Engine | undefined;
  const dispatch = async (request: Request): Promise<Reply> => {
    if (request.kind !== 'open') {
      if (engine !== undefined) return whileAlive(engine, answer(engine, request, context, extension));
      return errored(new TouchstoneError('internal', 'a session was asked before it was opened'));
    }
    try {
      engine = await context.open(request.subject);
      return { kind: 'opened', value: engine.info };
    } catch (error) {
      return errored(error);
    }
  };
  return Object.assign(dispatch, { close: async () => engine?.close() });
}

/** Never throws. */
async function answer(
  engine: Engine,
  request: Exclude<Request, { kind: 'open' }>,
  context: Context,
  extension: Extension | undefined,
): Promise<Reply> {
  try {
    engine.assertSelected?.();
    const reply = await replyOf(engine, request, context, extension);
    engine.assertSelected?.();
    return reply;
  } catch (error) {
    return errored(error);
  }
}

async function replyOf(
  engine: Engine,
  request: Exclude<Request, { kind: 'open' }>,
  { memory }: Context,
  extension: Extension | undefined,
): Promise<Reply> {
  switch (request.kind) {
    case 'load':
      await engine.load(request.network);
      return { kind: 'loaded' };
    case 'explain':
      return await explainCounted(engine, request.request, request.options, memory);
    case 'tensors':
      return { kind: 'tensors', value: engine.tensors() };
    case 'extension':
      if (extension === undefined) throw new TouchstoneError('internal', 'nothing here answers such a question');
      if (!(engine instanceof BackendEngine)) throw new Unsupported('only our own backends can be asked this');
      return { kind: 'extension', value: await extension(request.question, engine) };
    default: {
      if (engine.diagnose === null) throw new Unsupported('only our own methods can be asked this');
      return { kind: request.kind, value: await engine.diagnose(request) } as Reply;
    }
  }
}
