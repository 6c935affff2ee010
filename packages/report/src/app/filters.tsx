import { counted } from '@touchstone/contract';
import type { RefObject } from 'preact';
import { useMemo } from 'preact/hooks';
import type { PageData } from '../page/page-data.js';
import type { Entry } from './entries.js';
import type { View } from './view.js';

interface FiltersProps {
  readonly data: PageData;
  readonly entries: readonly Entry[];
  readonly view: View;
  readonly change: (fields: Partial<View>) => void;
  readonly hits: number;
  readonly search: RefObject<HTMLInputElement | null>;
}

const ofOneRun = ['bad', 'failed', 'errored', 'skipped', 'passed'];
const ofSeveral = ['changed', 'broken', 'fixed', 'new', 'gone'];

export function Filters({ data, entries, view, change, hits, search }: FiltersProps) {
  const lists = useMemo(() => {
    const sorted = (field: 'method' | 'backend' | 'network'): string[] =>
      [...new Set(entries.map((entry) => entry[field]))].filter((name) => name !== '').sort();
    return { method: sorted('method'), backend: sorted('backend'), network: sorted('network') };
  }, [entries]);
  const isFiltered = [view.status, view.method, view.backend, view.network, view.q].some((value) => value !== '');
  return (
    <form class="filters" role="search" aria-label="Outcomes" onSubmit={(event) => event.preventDefault()}>
      <label class="search">
        <span>search</span>
        <input
          ref={search}
          type="search"
          value={view.q}
          placeholder="case, reason, cause …"
          aria-keyshortcuts="/"
          onInput={({ currentTarget }) => change({ q: currentTarget.value })}
        />
      </label>
      <Choice
        name="status"
        value={view.status}
        values={data.runs.length > 1 ? [...ofSeveral, ...ofOneRun] : ofOneRun}
        choose={(status) => change({ status })}
      />
      {(['method', 'backend', 'network'] as const).map((field) =>
        lists[field].length < 2 ? null : (
          <Choice
            name={field}
            value={view[field]}
            values={lists[field]}
            choose={(value) => change({ [field]: value })}
          />
        ),
      )}
      <p class="hits">
        <span aria-live="polite" role="status">
          {hits === entries.length ? counted(hits, 'outcome') : `${hits} of ${entries.length} outcomes`}
        </span>{' '}
        {isFiltered ? (
          <button type="button" onClick={() => change({ status: '', method: '', backend: '', network: '', q: '' })}>
            Show all
          </button>
        ) : null}
      </p>
    </form>
  );
}

interface ChoiceProps {
  readonly name: string;
  readonly value: string;
  readonly values: readonly string[];
  readonly choose: (value: string) => void;
}

function Choice({ name, value, values, choose }: ChoiceProps) {
  const known = value === '' || values.includes(value) ? values : [value, ...values];
  return (
    <label>
      <span>{name}</span>
      <select value={value} onChange={({ currentTarget }) => choose(currentTarget.value)}>
        <option value="">all</option>
        {known.map((each) => (
          <option value={each}>{each === 'bad' ? 'failed or errored' : each}</option>
        ))}
      </select>
    </label>
  );
}
