import type { CaseRow } from '@touchstone/contract';
import type { GoldenStore, StoredCase } from './golden-store.js';

/** Where a run takes its cases and goldens from: golden/, or goldens that are made when their case runs. */
export interface CaseSource extends Pick<
  GoldenStore,
  'root' | 'cases' | 'manifestHash' | 'checkCases' | 'multiplyAddsOf' | 'networkFolder'
> {
  readCase(row: CaseRow): StoredCase | Promise<StoredCase>;
}
