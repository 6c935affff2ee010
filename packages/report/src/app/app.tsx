import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { PageData } from '../page/page-data.js';
import { Banner } from './banner.js';
import { Causes } from './causes.js';
import { Details } from './details.js';
import { entriesOf, shownIn, type Entry } from './entries.js';
import { Filters } from './filters.js';
import { List } from './list.js';
import { Matrix } from './matrix.js';
import { Runs } from './runs.js';
import { useView } from './view.js';

export function App({ data }: { readonly data: PageData }) {
  const [view, change] = useView();
  const entries = useMemo(() => entriesOf(data), [data]);
  const { status, method, backend, network, q } = view;
  const shown = useMemo(() => shownIn(view, entries), [entries, status, method, backend, network, q]);
  const opened = entries.find((entry) => entry.case === view.open && entry.backend === view.on && view.open !== '');
  const search = useRef<HTMLInputElement>(null);
  const close = (): void => {
    change({ open: '', on: '' });
    queueMicrotask(() => focusOn(opened));
  };
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const isTyping = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
      if (event.key === '/' && !isTyping) {
        event.preventDefault();
        search.current?.focus();
      } else if (event.key === 'Escape' && !isTyping && opened !== undefined) close();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  });
  return (
    <div class={opened === undefined ? 'page' : 'page with-details'}>
      <header>
        <h1>Touchstone</h1>
        {data.runs.length === 1 ? <Banner run={data.runs[0]!} /> : <Runs runs={data.runs} entries={entries} />}
      </header>
      <main class="columns">
        <div class="overview">
          <Causes entries={entries} view={view} />
          <Matrix data={data} entries={entries} view={view} />
          <section aria-labelledby="outcomes">
            <h2 id="outcomes">Outcomes</h2>
            <Filters data={data} entries={entries} view={view} change={change} hits={shown.length} search={search} />
            <List data={data} entries={shown} view={view} />
          </section>
        </div>
        {opened === undefined ? null : (
          <Details key={idOf(opened)} data={data} entry={opened} view={view} close={close} />
        )}
      </main>
      <footer>
        {data.runs.map(({ file }) =>
          file === null ? null : (
            <>
              The numbers behind this page: <a href={file}>{file}</a>.{' '}
            </>
          ),
        )}
        Keys: <kbd>/</kbd> search, <kbd>↑</kbd> <kbd>↓</kbd> in the list, <kbd>Enter</kbd> open, <kbd>Escape</kbd>{' '}
        close.
      </footer>
    </div>
  );
}

/** Of the link to an entry in the list. */
export function idOf({ case: id, backend }: Pick<Entry, 'case' | 'backend'>): string {
  return `link ${backend} ${id}`;
}

function focusOn(entry: Entry | undefined): void {
  if (entry !== undefined) requestAnimationFrame(() => document.getElementById(idOf(entry))?.focus());
}
