import type { Header } from '@touchstone/contract';
import { duration } from '../figures.js';
import type { PageData, PageRun } from '../page/page-data.js';
import { countsText, countStatuses, withoutUnavailable } from '../tallies.js';
import { isPartial, titleOf } from '../verdict-title.js';

const signs = { passed: '✓', failed: '✗', errored: '!', partial: '–', incomplete: '!', damaged: '!' };

/** The verdict of each run, and what ran. */
export function Banner({ runs }: PageData) {
  return (
    <header>
      <h1>Touchstone</h1>
      {runs.map((run, i) => (
        <RunBanner key={i} run={run} isOnly={runs.length === 1} />
      ))}
    </header>
  );
}

function RunBanner({ run, isOnly }: { readonly run: PageRun; readonly isOnly: boolean }) {
  const { header, outcomes, footer } = run;
  const kind = isPartial(run) ? 'partial' : run.verdict.kind;
  const counts = countsText(withoutUnavailable(outcomes, header.unavailable));
  return (
    <section class="run" aria-label={isOnly ? 'Verdict' : `Run ${run.label}`}>
      {isOnly ? null : <h2>{run.label}</h2>}
      <p class={`verdict ${kind}`}>
        <strong>
          <span aria-hidden="true">{signs[kind]}</span> {titleOf(run)}
        </strong>{' '}
        <span>
          {counts}
          {footer === null ? '' : ` in ${duration(footer.milliseconds)}`}
        </span>
      </p>
      {run.verdict.reasons.map((reason) => (
        <p class="problem">{reason}</p>
      ))}
      {header.unavailable.map(({ id, reason }) => (
        <p class="note">
          <b>{id} is unavailable</b> ({skippedOn(run, id)}): {reason}
        </p>
      ))}
      {header.backends.map(({ id, device, precision, softwareRenderer }) => (
        <>
          {softwareRenderer ? (
            <p class="note">
              <b>{id}</b> ran on a software renderer: {device}
            </p>
          ) : null}
          {precision === 'float16' ? (
            <p class="note">
              <b>{id}</b> runs in float16; judged with float16 tolerances
            </p>
          ) : null}
        </>
      ))}
      <Provenance header={header} />
    </section>
  );
}

function skippedOn({ outcomes }: PageRun, id: string): string {
  const { skipped, errored } = countStatuses(outcomes.filter(({ backend }) => backend === id));
  return errored > 0 ? `required, ${errored} errored` : `${skipped} skipped`;
}

function Provenance({ header }: { readonly header: Header }) {
  const { port, backends, machine, started, touchstone, golden } = header;
  return (
    <details class="provenance">
      <summary>
        {port.name === 'touchstone' ? '' : `${port.name} ${port.version} · `}Touchstone {touchstone} · {machine} ·{' '}
        <time dateTime={started}>{started.slice(0, 16).replace('T', ' ')}</time>
      </summary>
      <dl>
        <dt>port</dt>
        <dd>
          {port.name} {port.version}
        </dd>
        {backends.map(({ id, device, precision, softwareRenderer }) => (
          <>
            <dt>{id}</dt>
            <dd>
              {device}
              {precision === 'unknown' ? '' : `, ${precision}`}
              {softwareRenderer ? ', software renderer' : ''}
            </dd>
          </>
        ))}
        <dt>machine</dt>
        <dd>{machine}</dd>
        <dt>started</dt>
        <dd>{started}</dd>
        <dt>goldens</dt>
        <dd>
          <code>{golden}</code>
        </dd>
      </dl>
    </details>
  );
}
