/** How many samples of one picture go through the network in one pass. Never changes the answer. */

export interface KnownBatch {
  readonly batch: number;
  /** Whether larger ones were tried and gained nothing; else a longer run goes on from here. */
  readonly settled: boolean;
}

/** What trials of earlier runs found, by engine, network and shape of the pictures. A Map is one. */
export interface BatchMemory {
  get(key: string): KnownBatch | undefined;
  set(key: string, known: KnownBatch): void;
}

export interface Batching {
  readonly memory: BatchMemory;
  /** What the activations of one pass may take, on each engine. */
  readonly budgetBytes: number;
}
