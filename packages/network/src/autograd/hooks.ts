/** Ordered, removable callbacks, as PyTorch keeps them. */

/** Returned by every registration. */
export class RemovableHandle {
  readonly #remove: () => void;
  constructor(remove: () => void) {
    this.#remove = remove;
  }
  /** May be called again, and from inside a hook. */
  remove(): void {
    this.#remove();
  }
}

/**
 * In order of registration. Iterating takes a snapshot, so changes made inside a hook apply from the next call on.
 */
export class Hooks<Hook> {
  #all = new Map<symbol, Hook>();

  add(hook: Hook, { prepend = false } = {}): RemovableHandle {
    const key = Symbol('hook');
    if (prepend) this.#all = new Map([[key, hook], ...this.#all]);
    else this.#all.set(key, hook);
    return new RemovableHandle(() => this.#all.delete(key));
  }

  get size(): number {
    return this.#all.size;
  }

  [Symbol.iterator](): Iterator<Hook> {
    return [...this.#all.values()][Symbol.iterator]();
  }
}
