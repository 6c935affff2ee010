import { duration } from '../figures.js';
import type { PageRun } from '../page/page-data.js';
import { countsOf, Notes, VerdictMark } from './banner.js';
import type { Change, Entry } from './entries.js';
import { ChangeMark } from './marks.js';
import { hashOf, viewOf } from './view.js';

const columns = ['run', 'verdict', 'counts', 'port', 'backends', 'machine', 'started', 'time', 'goldens'];

/** The runs that are compared, and what changed from the first to the last. */
export function Runs({ runs, entries }: { readonly runs: readonly PageRun[]; readonly entries: readonly Entry[] }) {
  return (
    <section class="run" aria-label="Runs">
      <div class="wide" role="group" aria-label="Table of runs" tabIndex={0}>
        <table class="runs">
          <thead>
            <tr>
              {columns.map((name) => (
                <th scope="col">{name}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {runs.map((run) => (
              <Run run={run} />
            ))}
          </tbody>
        </table>
      </div>
      {runs.filter(hasNotes).map((run) => (
        <section aria-label={`Notes on ${run.label}`}>
          <h2>{run.label}</h2>
          <Notes run={run} />
        </section>
      ))}
      <Changes entries={entries} />
    </section>
  );
}

function Run({ run }: { readonly run: PageRun }) {
  const { port, touchstone, backends, machine, started, golden } = run.header;
  return (
    <tr>
      <th scope="row">{run.label}</th>
      <td>
        <VerdictMark run={run} />
      </td>
      <td>{countsOf(run)}</td>
      <td>{port.name === 'touchstone' ? `Touchstone ${touchstone}` : `${port.name} ${port.version}`}</td>
      <td>
        {backends.map(({ id, device }) => (
          <div>
            {id}: {device}
          </div>
        ))}
      </td>
      <td>{machine}</td>
      <td>
        <time dateTime={started}>{started.slice(0, 16).replace('T', ' ')}</time>
      </td>
      <td>{run.footer === null ? '–' : duration(run.footer.milliseconds)}</td>
      <td>
        <code>{golden.slice(0, 12)}</code>
      </td>
    </tr>
  );
}

function hasNotes({ verdict, header }: PageRun): boolean {
  const isSaid = header.backends.some(({ softwareRenderer, precision }) => softwareRenderer || precision === 'float16');
  return verdict.reasons.length + header.unavailable.length > 0 || isSaid;
}

const kinds: readonly Change[] = ['broken', 'fixed', 'other', 'new', 'gone'];

function Changes({ entries }: { readonly entries: readonly Entry[] }) {
  const counts = kinds.map((kind) => [kind, entries.filter(({ change }) => change === kind).length] as const);
  const given = counts.filter(([, count]) => count > 0);
  if (given.length === 0) return <p>No outcome has another status in the last run than in the first.</p>;
  return (
    <p class="changes">
      From the first run to the last:{' '}
      {given.map(([kind, count]) => (
        <>
          <a href={hashOf({ ...viewOf(''), status: kind })}>
            <ChangeMark change={kind} /> {count}
          </a>{' '}
        </>
      ))}
    </p>
  );
}
