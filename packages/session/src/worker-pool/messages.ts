/** What a pool and its threads say to each other. Both are ours, so nothing is parsed. */
import type { HostTensor, NetworkDescription, Stages } from '@touchstone/contract';
import type { WorkItem } from '@touchstone/methods';

/** The first message to a thread. */
export interface InitMessage {
  readonly backend: string;
  readonly description: NetworkDescription;
  /** In memory that all threads share. */
  readonly weights: Readonly<Record<string, HostTensor>>;
}

export type Answer =
  | { readonly kind: 'ready' }
  | { readonly kind: 'stages'; readonly stages: Stages }
  /** As far as it is a TouchstoneError: it keeps its code and remedy. */
  | { readonly kind: 'threw'; readonly code: string; readonly message: string; readonly hint: string | undefined };

/** Every later one; answered in order. */
export type Question = WorkItem;
