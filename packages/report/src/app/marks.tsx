import type { Status } from '@touchstone/contract';
import type { Change, Entry } from './entries.js';

/** A sign and a word, so that a status does not depend on its colour. */
export const signs: Record<Entry['status'], string> = {
  passed: '✓',
  failed: '✗',
  errored: '!',
  skipped: '–',
  gone: '∅',
};

export function Mark({ status }: { readonly status: Entry['status'] }) {
  return (
    <span class={`mark ${status}`}>
      <span aria-hidden="true">{signs[status]}</span> {status}
    </span>
  );
}

const changes: Record<Change, string> = {
  broken: '↓ broken',
  fixed: '↑ fixed',
  new: '+ new',
  gone: '− gone',
  other: '≠ other',
};

export function ChangeMark({ change }: { readonly change: Change }) {
  return <span class={`change ${change}`}>{changes[change]}</span>;
}

/** Failures before passes. */
export const statusOrder: readonly Status[] = ['failed', 'errored', 'skipped', 'passed'];
