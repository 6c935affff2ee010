import { useEffect, useRef, useState } from 'preact/hooks';
import type { Outcome } from '@touchstone/contract';
import { figure, timeText } from '../figures.js';
import type { CaseExhibit, PageData } from '../page/page-data.js';
import { ratioOf } from '../tallies.js';
import { CauseOf, reasonLines } from './cause.js';
import { timeOf } from './columns.js';
import type { Entry } from './entries.js';
import { HeatMaps, Images } from './heat-maps.js';
import { Mark } from './marks.js';
import { ComparedRuns } from './runs-compared.js';
import { StageTable } from './stages.js';
import { hashOf, type View } from './view.js';

interface DetailsProps {
  readonly data: PageData;
  readonly entry: Entry;
  readonly view: View;
  readonly close: () => void;
}

/** Everything that is known of a case on a backend. */
export function Details({ data, entry, view, close }: DetailsProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const exhibit = data.cases.find(({ id }) => id === entry.case);
  const run = entry.outcomes.findLastIndex((outcome) => outcome !== null);
  const outcome = entry.outcomes[run]!;
  return (
    <section class="details" aria-labelledby="opened">
      <p class="close">
        <button type="button" onClick={close}>
          <span aria-hidden="true">✕</span> Close
        </button>
      </p>
      <h2 id="opened" ref={heading} tabIndex={-1}>
        {entry.case} <small>on {outcome.backend}</small>
      </h2>
      {exhibit === undefined || exhibit.why === '' ? null : <p>Why this case exists: {exhibit.why}</p>}
      {data.runs.length > 1 ? <Runs data={data} entry={entry} /> : null}
      <Told outcome={outcome} />
      {outcome.status === 'failed' && outcome.cause !== undefined ? <CauseOf cause={outcome.cause} /> : null}
      <Replay command={data.runs[run]!.replays[entry.places[run]!] ?? ''} />
      {data.runs.length > 1 ? (
        <ComparedRuns data={data} entry={entry} exhibit={exhibit} />
      ) : exhibit === undefined ? null : (
        <HeatMaps exhibit={exhibit} backend={outcome.backend} />
      )}
      <StageTable outcome={outcome} />
      {exhibit?.images === undefined ? null : <Images images={exhibit.images} />}
      <Others data={data} entry={entry} view={view} />
      <Facts outcome={outcome} exhibit={exhibit} />
    </section>
  );
}

/** What happened. */
function Told({ outcome }: { readonly outcome: Outcome }) {
  const lines = reasonLines(outcome);
  return (
    <>
      <p>
        <Mark status={outcome.status} />
        {outcome.status === 'errored' ? ` (${outcome.code})` : ''}
        {ratioOf(outcome) === null ? '' : `, error/allowed ${figure(ratioOf(outcome))}`}
      </p>
      {lines.length === 0 ? null : <p class="reason">{lines.join('\n')}</p>}
    </>
  );
}

function Runs({ data, entry }: { readonly data: PageData; readonly entry: Entry }) {
  return (
    <div class="wide" role="group" aria-label="Table of runs" tabIndex={0}>
      <table>
        <thead>
          <tr>
            {['run', 'backend', 'status', 'error/allowed', 'stage', 'ms'].map((name) => (
              <th scope="col">{name}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {entry.outcomes.map((outcome, i) => (
            <tr>
              <th scope="row">{data.runs[i]!.label}</th>
              <td>{outcome?.backend ?? '–'}</td>
              <td>{outcome === null ? '–' : <Mark status={outcome.status} />}</td>
              <td class="number">{figure(outcome === null ? null : ratioOf(outcome))}</td>
              <td>{outcome !== null && 'stage' in outcome ? outcome.stage : '–'}</td>
              <td class="number">{figure(timeOf(outcome))}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Replay({ command }: { readonly command: string }) {
  const [copied, setCopied] = useState(false);
  if (command === '') return null;
  const copy = (): void => void navigator.clipboard?.writeText(command).then(() => setCopied(true));
  return (
    <div class="replay">
      <h3>Replay</h3>
      <pre tabIndex={0}>{command}</pre>
      <button type="button" onClick={copy}>
        {copied ? 'Copied' : 'Copy'}
      </button>
    </div>
  );
}

/** The same case on other backends. */
function Others({ data, entry, view }: Omit<DetailsProps, 'close'>) {
  const run = data.runs.at(-1)!;
  const others = run.outcomes.filter(({ case: id, backend }) => id === entry.case && backend !== entry.backend);
  if (entry.backend === '' || others.length === 0) return null;
  return (
    <>
      <h3>On other backends</h3>
      <ul>
        {others.map((other) => (
          <li>
            <a href={hashOf({ ...view, open: other.case, on: other.backend })}>{other.backend}</a>{' '}
            <Mark status={other.status} /> {ratioOf(other) === null ? '' : `error/allowed ${figure(ratioOf(other))}`}
          </li>
        ))}
      </ul>
    </>
  );
}

function Facts({ outcome, exhibit }: { readonly outcome: Outcome; readonly exhibit: CaseExhibit | undefined }) {
  const time = timeOf(outcome);
  const bytes = 'peakBytes' in outcome ? (outcome.peakBytes ?? null) : null;
  const facts: [string, string | null][] = [
    ['method', outcome.method],
    ['network', outcome.network],
    ['case', exhibit?.question ?? null],
    ['time', time === null ? null : timeText(time)],
    ['peak memory', bytes === null ? null : `${Math.round(bytes / 2 ** 20)} MiB`],
  ];
  return (
    <>
      <h3>About</h3>
      <dl>
        {facts.map(([name, value]) =>
          value === null ? null : (
            <>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </>
          ),
        )}
      </dl>
    </>
  );
}
