import type { Header } from '@touchstone/contract';
import { duration } from '../figures.js';
import type { PageRun } from '../page/page-data.js';
import { countsText, countStatuses, withoutUnavailable } from '../tallies.js';
import { isPartial, titleOf } from '../verdict-title.js';

const signs = { passed: '✓', failed: '✗', errored: '!', partial: '–', incomplete: '!', damaged: '!' };

/** The verdict of a run, and what ran. */
export function Banner({ run }: { readonly run: PageRun }) {
  const { header, footer } = run;
  return (
    <section class="run" aria-label="Verdict">
      <p class={`verdict ${kindOf(run)}`}>
        <strong>
          <VerdictMark run={run} />
        </strong>{' '}
        <span>
          {countsOf(run)}
          {footer === null ? '' : ` in ${duration(footer.milliseconds)}`}
        </span>
      </p>
      <Notes run={run} />
      <Provenance header={header} />
    </section>
  );
}

export function VerdictMark({ run }: { readonly run: PageRun }) {
  return (
    <span class={kindOf(run)}>
      <span aria-hidden="true">{signs[kindOf(run)]}</span> {titleOf(run)}
    </span>
  );
}

function kindOf(run: PageRun): keyof typeof signs {
  return isPartial(run) ? 'partial' : run.verdict.kind;
}

export function countsOf({ outcomes, header }: PageRun): string {
  return countsText(withoutUnavailable(outcomes, header.unavailable));
}

/** What must be known of a run in addition to its counts. */
export function Notes({ run }: { readonly run: PageRun }) {
  const { header, verdict } = run;
  return (
    <>
      {verdict.reasons.map((reason) => (
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
    </>
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
