import type { StoredRun } from '../history.js';
import { palette, drawFigure, type Line } from './panel.js';

const maxTicks = 6;

/** The best images per second of SmoothGrad in each run of a history: a panel per network, a line per backend. */
export function drawOverTime(history: readonly StoredRun[], stamp: string): string {
  const runs = history
    .map(({ started, rows }) => ({ started, rows: rows.filter(({ benchmark }) => benchmark === 'smooth-grad') }))
    .filter(({ rows }) => rows.length > 0);
  const rows = runs.flatMap((run, x) =>
    run.rows.map(({ network, backend, software, imagesPerSecond: y }) => ({
      network,
      backend: software === true ? `${backend} (software)` : backend,
      x,
      y,
    })),
  );
  const networks = [...new Set(rows.map(({ network }) => network))];
  const backends = [...new Set(rows.map(({ backend }) => backend))];
  const panels = networks.map((network) => ({
    title: network,
    ticks: ticksOf(runs.map(({ started }) => started)),
    lines: backends
      .map((backend, i): Line => {
        const best = new Map<number, number>();
        for (const row of rows)
          if (row.network === network && row.backend === backend)
            best.set(row.x, Math.max(row.y, best.get(row.x) ?? 0));
        return { name: backend, colour: palette[i % palette.length]!, points: [...best].map(([x, y]) => ({ x, y })) };
      })
      .filter(({ points }) => points.length > 0),
  }));
  return drawFigure("SmoothGrad's images per second over time", panels, [
    'the best images per second of each run',
    stamp,
  ]);
}

/** Labels a few of the runs by day, or by time where the previous label has the same day. @param started ISO 8601 */
function ticksOf(started: readonly string[]): { x: number; text: string }[] {
  const every = Math.ceil(started.length / maxTicks);
  return started.map((moment, x) => {
    const isNewDay = x < every || started[x - every]!.slice(0, 10) !== moment.slice(0, 10);
    return { x, text: x % every > 0 ? '' : isNewDay ? moment.slice(5, 10) : moment.slice(11, 16) };
  });
}
