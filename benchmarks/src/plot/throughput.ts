import type { StoredRow } from '../history.js';
import { palette, drawFigure, type Line } from './panel.js';

type Drawn = Pick<
  StoredRow,
  | 'benchmark'
  | 'network'
  | 'backend'
  | 'batch'
  | 'imagesPerSecond'
  | 'stockImagesPerSecond'
  | 'pytorchImagesPerSecond'
  | 'software'
> & { readonly channelsLastImagesPerSecond?: number | null };

const kinds = [
  { suffix: '', dash: undefined, of: (row: Drawn) => row.imagesPerSecond },
  { suffix: ', stock TF.js', dash: '5 4', of: (row: Drawn) => row.stockImagesPerSecond },
] as const;

const pytorchs = [
  { name: 'PyTorch', colour: '#333', of: (row: Drawn) => row.pytorchImagesPerSecond },
  { name: 'PyTorch, channels_last', colour: '#999', of: (row: Drawn) => row.channelsLastImagesPerSecond ?? null },
] as const;

/**
 * Images per second against batch size, a panel for each network: ours and stock TF.js on each backend, and PyTorch as
 * it comes and tuned.
 * @param stamp the last line below the figure
 */
export function drawThroughput(rows: readonly Drawn[], stamp: string): string {
  const swept = rows.filter(({ benchmark }) => benchmark === 'smooth-grad');
  const networks = [...new Set(swept.map(({ network }) => network))];
  const backends = [...new Set(swept.map(({ backend }) => backend))];
  const linesOf = (network: string): Line[] => {
    const here = swept.filter((row) => row.network === network).sort((a, b) => a.batch - b.batch);
    const ours = backends.flatMap((backend, i) =>
      kinds.map(({ suffix, dash, of }): Line => {
        const its = here.filter((row) => row.backend === backend);
        const software = its.some((row) => row.software === true) ? ' (software)' : '';
        return {
          name: `${backend}${software}${suffix}`,
          colour: palette[i % palette.length]!,
          dash,
          points: its.flatMap((row) => pointOf(row.batch, of(row))),
        };
      }),
    );
    const others = pytorchs.map(({ name, colour, of }): Line => {
      // PyTorch was measured with every backend; its best is drawn.
      const best = new Map<number, number>();
      for (const row of here) {
        const rate = of(row);
        if (rate !== null) best.set(row.batch, Math.max(rate, best.get(row.batch) ?? 0));
      }
      return { name, colour, dash: '2 3', points: [...best].map(([x, y]) => ({ x, y })) };
    });
    return [...ours, ...others].filter(({ points }) => points.length > 0);
  };
  const panels = networks.map((network) => ({
    title: network,
    lines: linesOf(network),
    ticks: batchesOf(swept, network).map((x) => ({ x, text: String(x) })),
  }));
  return drawFigure("SmoothGrad's images per second against batch size", panels, [
    'images per second against batch size',
    stamp,
  ]);
}

function pointOf(x: number, y: number | null): { x: number; y: number }[] {
  return y === null ? [] : [{ x, y }];
}

function batchesOf(rows: readonly Drawn[], network: string): number[] {
  return [...new Set(rows.filter((row) => row.network === network).map(({ batch }) => batch))].sort((a, b) => a - b);
}
