/**
 * PyTorch's queue of nodes that are ready to run: the latest operation first, leaves before all. All leaves tie, and
 * then the order depends on the binary heap of the C++ library (std::push_heap, std::pop_heap), so this is the same
 * heap.
 */
import type { Node } from './node.js';

export class ReadyQueue {
  readonly #heap: Node[] = [];

  push(node: Node): void {
    this.#heap.push(node);
    this.#rise(this.#heap.length - 1, node);
  }

  pop(): Node | undefined {
    const first = this.#heap[0];
    const last = this.#heap.pop();
    if (this.#heap.length === 0) return first;
    this.#rise(this.#sink(), last!);
    return first;
  }

  /** Moves the hole at the top down to a leaf of the heap, past the larger child; of equal children the right one. */
  #sink(): number {
    const heap = this.#heap;
    let hole = 0;
    let child = 2;
    for (; child < heap.length; child = 2 * hole + 2) {
      if (heap[child]!.sequence < heap[child - 1]!.sequence) child--;
      heap[hole] = heap[child]!;
      hole = child;
    }
    if (child === heap.length) {
      heap[hole] = heap[child - 1]!;
      hole = child - 1;
    }
    return hole;
  }

  #rise(from: number, node: Node): void {
    const heap = this.#heap;
    let at = from;
    for (let parent = (at - 1) >> 1; at > 0 && heap[parent]!.sequence < node.sequence; parent = (at - 1) >> 1) {
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = node;
  }
}
