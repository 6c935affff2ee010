import type { StoredRun } from '../history.js';
import { drawLegend, drawPanel, palette, panelSize, type Line } from './panel.js';
import { label, picture } from './svg.js';

const mostTicks = 6;

/** The best images per second of each run of a history, a panel for each network (of SmoothGrad), a line for each backend. */
export function drawOverTime(runs: readonly StoredRun[], stamp: string): string {
  const rows = runs.flatMap((run, x) => run.rows.filter(({ benchmark }) => benchmark === 'smooth-grad').map(({ network, backend, imagesPerSecond: y }) => ({ network, backend, x, y })));
  const networks = [...new Set(rows.map(({ network }) => network))];
  const backends = [...new Set(rows.map(({ backend }) => backend))];
  const every = Math.ceil(runs.length / mostTicks);
  const ticks = runs.map(({ started }, x) => ({ x, text: x % every === 0 ? started.slice(5, 10) : '' }));
  const panels = networks.map((network) => ({
    title: network,
    ticks,
    lines: backends.map((backend, i): Line => {
      const best = new Map<number, number>();
      for (const row of rows) if (row.network === network && row.backend === backend) best.set(row.x, Math.max(row.y, best.get(row.x) ?? 0));
      return { name: backend, colour: palette[i % palette.length]!, points: [...best].map(([x, y]) => ({ x, y })) };
    }).filter(({ points }) => points.length > 0),
  }));
  const legend = [...new Map(panels.flatMap(({ lines }) => lines).map((line) => [line.name, line])).values()];
  const height = panelSize.height + 40 + 15 * legend.length;
  return picture(10 + panelSize.width * Math.max(1, panels.length), height, "SmoothGrad's images per second over time",
    ...panels.map((panel, i) => drawPanel(panel, panelSize.width * i, 0)),
    drawLegend(legend, 48, panelSize.height + 12),
    label(48, height - 8, `the best images per second of each run · ${stamp}`, { fill: '#777', 'font-size': 10 }));
}
