import { useMemo } from 'preact/hooks';
import type { Status } from '@touchstone/contract';
import { figure } from '../figures.js';
import type { PageData } from '../page/page-data.js';
import { columnsOf, rowsOf, totalOf, type BackendColumns, type MatrixCell, type MatrixRow } from './columns.js';
import type { Entry } from './entries.js';
import { signs, statusOrder } from './marks.js';
import { Trend } from './trend.js';
import { hashOf, type View } from './view.js';

interface MatrixProps {
  readonly data: PageData;
  readonly entries: readonly Entry[];
  readonly view: View;
}

/** Methods × backends, and × runs where several are compared. */
export function Matrix({ data, entries, view }: MatrixProps) {
  const columns = useMemo(() => columnsOf(data), [data]);
  const rows = useMemo(() => [totalOf(data, entries), ...rowsOf(data, entries)], [data, entries]);
  const several = data.runs.length > 1;
  return (
    <section aria-labelledby="matrix">
      <h2 id="matrix">Methods and backends</h2>
      <div class="wide" role="group" aria-label="Table" tabIndex={0}>
        <table class={several ? 'matrix compact' : 'matrix'}>
          <thead>
            <tr>
              <th scope="col" rowSpan={several ? 2 : 1}>
                method
              </th>
              {columns.map(({ backend, runs }) => (
                <th scope={several ? 'colgroup' : 'col'} colSpan={several ? runs.length + 1 : 1}>
                  {backend === '' ? 'each run on its backend' : backend}
                </th>
              ))}
            </tr>
            {several ? <RunHeadings data={data} columns={columns} /> : null}
          </thead>
          <tbody>
            {rows.map((row, i) => (
              <Row key={row.method} row={row} columns={columns} view={view} isTotal={i === 0} several={several} />
            ))}
          </tbody>
        </table>
      </div>
      <p class="about">
        The number is the largest error/allowed: the error of a stage divided by what is allowed; up to 1 passes.
        Allowed is 16 times PyTorch’s own float32 error, at least 32·2⁻²⁴ (four times as much for a single value; in
        float16, 2¹³ times).{' '}
        {several ? 'Trends: from the first run to the last; error/allowed on a logarithmic scale.' : ''}
      </p>
    </section>
  );
}

function RunHeadings({ data, columns }: { readonly data: PageData; readonly columns: readonly BackendColumns[] }) {
  return (
    <tr>
      {columns.map(({ backend, runs }) => (
        <>
          {runs.map((run) => (
            <th scope="col" class="run-name">
              {data.runs[run]!.label}
              {backend === '' ? ` (${data.runs[run]!.outcomes[0]?.backend ?? ''})` : ''}
            </th>
          ))}
          <th scope="col">trend</th>
        </>
      ))}
    </tr>
  );
}

interface RowProps {
  readonly row: MatrixRow;
  readonly columns: readonly BackendColumns[];
  readonly view: View;
  readonly isTotal: boolean;
  readonly several: boolean;
}

function Row({ row, columns, view, isTotal, several }: RowProps) {
  const method = isTotal ? '' : row.method;
  return (
    <tr class={isTotal ? 'total' : ''}>
      <th scope="row">{row.method}</th>
      {columns.map(({ backend, runs }) => {
        const cells = row.cells.get(backend) ?? [];
        const href = hashOf({ ...view, method, backend, network: '', status: '', q: '', open: '', on: '' });
        const isShown = view.method === method && view.backend === backend;
        return (
          <>
            {runs.map((run) => (
              <Cell cell={cells[run]} href={href} isShown={isShown} />
            ))}
            {several ? (
              <td>
                <Trend cells={runs.map((run) => cells[run])} />
              </td>
            ) : null}
          </>
        );
      })}
    </tr>
  );
}

interface CellProps {
  readonly cell: MatrixCell | undefined;
  readonly href: string;
  readonly isShown: boolean;
}

function Cell({ cell, href, isShown }: CellProps) {
  if (cell === undefined) return <td class="cell">–</td>;
  const given = statusOrder.filter((status) => cell.counts[status] > 0);
  const worst = given[0] ?? 'skipped';
  return (
    <td class={`cell ${cell.bad > 0 ? 'failed' : worst}`}>
      <a href={href} aria-current={isShown ? 'true' : undefined}>
        <span class="counts">
          {given.map((status) => (
            <Count status={status} count={cell.counts[status]} isUnanswered={cell.unanswered === cell.counts[status]} />
          ))}
        </span>
        <span class="worst" title="largest error/allowed">
          {figure(cell.worst)}
        </span>
      </a>
    </td>
  );
}

interface CountProps {
  readonly status: Status;
  readonly count: number;
  /** Whether what was skipped was all not answered. */
  readonly isUnanswered: boolean;
}

function Count({ status, count, isUnanswered }: CountProps) {
  return (
    <span class={status}>
      <span aria-hidden="true">{signs[status]}</span> {count}{' '}
      <span class="word">{status === 'skipped' && isUnanswered ? 'not answered' : status}</span>{' '}
    </span>
  );
}
