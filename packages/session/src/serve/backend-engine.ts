import * as tf from '@tensorflow/tfjs-core';
import type { Backend } from '@touchstone/backends/page';
import { TouchstoneError } from '@touchstone/contract';
import { explain, findMethod, type Explanation } from '@touchstone/methods';
import { loadNetwork, type Network } from '@touchstone/network';
import type { NetworkFolder } from '../network/network-parts.js';
import type { Diagnosis, Question, SessionInfo } from '../protocol.js';
import type { ExplainOptions, ExplainRequest } from '../request.js';
import type { OpenWorkerPool } from '../worker-pool.js';
import type { BackendContext } from './context.js';
import { diagnose } from './diagnose.js';
import type { Engine, Explained } from './engine.js';

interface Loaded {
  readonly folder: string;
  readonly network: Network;
  readonly weights: () => Promise<NetworkFolder['weights']>;
  pool: OpenWorkerPool | undefined;
}

/** Our own methods on one backend; of the networks and pools the last one is kept. */
export class BackendEngine implements Engine {
  readonly info: SessionInfo;
  readonly context: BackendContext;
  readonly whyLost?: () => string | null;
  readonly backend: Backend;
  /** What TF.js calls it. All sessions of a process share the one backend that TF.js has selected. */
  readonly #selected = tf.getBackend();
  #loaded: Loaded | undefined;

  private constructor(backend: Backend, info: SessionInfo, context: BackendContext) {
    this.backend = backend;
    this.info = info;
    this.context = context;
    const { whyLost } = backend;
    if (whyLost) this.whyLost = () => whyLost.call(backend);
  }

  /** @throws TouchstoneError `backend-unavailable` */
  static async open(backend: Backend, context: BackendContext): Promise<BackendEngine> {
    const availability = await backend.probe();
    if (availability.status === 'unavailable') throw new TouchstoneError('backend-unavailable', availability.reason);
    await backend.open();
    const { device, precision, softwareRenderer } = availability;
    const info = { name: 'touchstone', version: '', device, precision, softwareRenderer };
    return new BackendEngine(backend, info, context);
  }

  readonly assertSelected = (): void => {
    const now = tf.getBackend();
    if (now === this.#selected) return;
    throw new TouchstoneError(
      'usage',
      `a session on ${this.backend.id} cannot compute: the backend "${now}" was selected in this process later`,
      'Close a session before you open the next, or open both with openChildSession.',
    );
  };

  async load(network: string | NetworkFolder): Promise<void> {
    await this.network(network);
  }

  /** As `load`, and gives it. */
  async network(asked: string | NetworkFolder): Promise<Network> {
    const folder = typeof asked === 'string' ? asked : asked.folder;
    if (this.#loaded?.folder === folder) return this.#loaded.network;
    await this.#unload();
    const { description, weights } = typeof asked === 'string' ? await this.context.read(asked) : asked;
    const again =
      typeof asked === 'string' ? async () => (await this.context.read(asked)).weights : async () => asked.weights;
    this.#loaded = { folder, network: loadNetwork(description, weights), weights: again, pool: undefined };
    return this.#loaded.network;
  }

  /** So many threads that have loaded the network of a folder. @throws TouchstoneError `usage`, `unsupported` */
  async pool(folder: string, size: number): Promise<OpenWorkerPool> {
    const { description } = await this.network(folder);
    const loaded = this.#loaded!;
    if (loaded.pool?.size === size) return loaded.pool;
    await loaded.pool?.close();
    loaded.pool = undefined;
    const weights = await loaded.weights();
    return (loaded.pool = await this.context.openWorkerPool({ backend: this.backend.id, description, weights, size }));
  }

  /** The request, on its network. */
  async explanationOf({ networkFolder, x, target, params, fixtures }: ExplainRequest): Promise<Explanation> {
    const network = await this.network(networkFolder);
    return { network, x, target, params, fixtures, passBytes: this.backend.passBytes };
  }

  async explain(request: ExplainRequest, { workers = 1, control }: ExplainOptions = {}): Promise<Explained> {
    const pool = workers > 1 ? await this.pool(request.networkFolder, workers) : undefined;
    const explanation = {
      ...(await this.explanationOf(request)),
      ...(pool && { pool }),
      ...(control && { control }),
    };
    const { stages, wantLogits = false } = request;
    return explain(findMethod(request.method), explanation, { stages, wantLogits });
  }

  readonly diagnose = (question: Question): Promise<Diagnosis[Question['kind']]> =>
    diagnose(question, {
      explanationOf: (request) => this.explanationOf(request),
      registerStockGradients: () => this.context.registerStockGradients(),
    });

  tensors(): number {
    return tf.memory().numTensors;
  }

  async close(): Promise<void> {
    await this.#unload();
  }

  async #unload(): Promise<void> {
    const loaded = this.#loaded;
    this.#loaded = undefined;
    loaded?.network.dispose();
    await loaded?.pool?.close();
  }
}
