/** The colours of a map's values. */
import { cividis, gistEarth, redBlue, viridis } from './colour-tables.js';

export interface ColourMap {
  /** Three bytes for each of 256 levels. */
  readonly table: Uint8Array;
  /** Its middle is 0: for values of both signs. */
  readonly diverging: boolean;
}

/** By matplotlib's names. All are ordered by lightness from end to end, or, where they diverge, from the middle. */
export const colourMaps = {
  viridis: { table: viridis, diverging: false },
  cividis: { table: cividis, diverging: false },
  gist_earth: { table: gistEarth, diverging: false },
  gray: { table: Uint8Array.from({ length: 768 }, (_, i) => Math.floor(i / 3)), diverging: false },
  RdBu_r: { table: redBlue, diverging: true },
} as const satisfies Record<string, ColourMap>;

export type ColourMapName = keyof typeof colourMaps;

/** What is not finite: no colour map has it. */
export const notFiniteColour = [255, 0, 255] as const;
