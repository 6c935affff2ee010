import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { figure, timeText } from '../figures.js';
import type { PageData } from '../page/page-data.js';
import { idOf } from './app.js';
import { timeOf } from './columns.js';
import type { Entry } from './entries.js';
import { ChangeMark, Mark } from './marks.js';
import { hashOf, type View } from './view.js';

/** Lines that are added at a time: what a browser draws at once. */
const portion = 100;

interface ListProps {
  readonly data: PageData;
  readonly entries: readonly Entry[];
  readonly view: View;
}

/** The outcomes, of which the first are drawn; more on demand. */
export function List({ data, entries, view }: ListProps) {
  const [count, setCount] = useState(portion);
  useEffect(() => setCount(portion), [entries]);
  const several = data.runs.length > 1;
  if (entries.length === 0) return <p>No outcome is like that.</p>;
  const rest = entries.length - count;
  return (
    <>
      <Wide isWide={several}>
        <table class="list" onKeyDown={moveInList}>
          <thead>
            <tr>
              <th scope="col">case</th>
              <th scope="col">backend</th>
              {data.runs.map(({ label }) => (
                <th scope="col">{several ? label : 'status'}</th>
              ))}
              {several ? <th scope="col">change</th> : null}
              <th scope="col" class="number">
                error/allowed
              </th>
              <th scope="col" class="number">
                time
              </th>
            </tr>
          </thead>
          <tbody>
            {entries.slice(0, count).map((entry) => (
              <Line
                key={idOf(entry)}
                entry={entry}
                view={view}
                labels={several ? data.runs.map(({ label }) => label) : []}
              />
            ))}
          </tbody>
        </table>
      </Wide>
      {rest > 0 ? (
        <p class="more">
          <button type="button" onClick={() => setCount(count + portion)}>
            Show {Math.min(portion, rest)} more of {rest}
          </button>
        </p>
      ) : null}
    </>
  );
}

/** Several runs may have more columns than there is room. */
function Wide({ isWide, children }: { readonly isWide: boolean; readonly children: ComponentChildren }) {
  if (!isWide) return <>{children}</>;
  return (
    <div class="wide" role="group" aria-label="Table of outcomes" tabIndex={0}>
      {children}
    </div>
  );
}

interface LineProps {
  readonly entry: Entry;
  readonly view: View;
  /** Of the runs, where there are several. */
  readonly labels: readonly string[];
}

function Line({ entry, view, labels }: LineProps) {
  const isOpen = view.open === entry.case && view.on === entry.backend;
  const last = entry.outcomes.at(-1) ?? null;
  const time = timeOf(last);
  return (
    <tr class={isOpen ? 'open' : ''}>
      <th scope="row">
        <a
          id={idOf(entry)}
          href={hashOf({ ...view, open: entry.case, on: entry.backend })}
          aria-current={isOpen ? 'true' : undefined}
        >
          {entry.case}
        </a>
      </th>
      <td data-label="on">{entry.backend === '' ? '' : entry.backend}</td>
      {entry.outcomes.map((outcome, run) => (
        <td data-label={labels[run]}>{outcome === null ? '–' : <Mark status={outcome.status} />}</td>
      ))}
      {labels.length > 0 ? <td>{entry.change === null ? '' : <ChangeMark change={entry.change} />}</td> : null}
      <td class="number" data-label="error/allowed">
        {figure(entry.ratio)}
      </td>
      <td class="number" data-label="time">
        {time === null ? '–' : timeText(time)}
      </td>
    </tr>
  );
}

const steps: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1, Home: -Infinity, End: Infinity };

/** The arrow keys move from link to link. */
function moveInList(event: KeyboardEvent & { readonly currentTarget: HTMLElement }): void {
  const step = steps[event.key];
  if (step === undefined) return;
  const links = [...event.currentTarget.querySelectorAll<HTMLElement>('tbody a')];
  const at = links.indexOf(document.activeElement as HTMLElement);
  if (at === -1) return;
  event.preventDefault();
  links[Math.min(Math.max(at + step, 0), links.length - 1)]!.focus();
}
