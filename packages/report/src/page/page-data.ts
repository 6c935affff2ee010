/** What the page shows. The build of the page puts it there as JSON, and the program in the page reads it. */
import type { Results, Verdict } from '@touchstone/contract';

export interface PageData {
  /** The runs in the order given; several are compared. */
  readonly runs: readonly PageRun[];
  /** What is shown of cases in addition to their outcomes. */
  readonly cases: readonly CaseExhibit[];
}

export interface PageRun extends Results {
  /** What tells it from the other runs, such as the name of its file; '' for a run alone. */
  readonly label: string;
  readonly verdict: Verdict;
  /** Its results file next to the page; null: it is elsewhere. */
  readonly file: string | null;
  /** Of several runs: whether images are next to its results. */
  readonly hasImages?: boolean | undefined;
  /** The command that explains an outcome, in the order of `outcomes`. */
  readonly replays: readonly string[];
}

/** All files are relative to the page. */
export interface CaseExhibit {
  readonly id: string;
  /** '': the case is not in the goldens that are here. */
  readonly why: string;
  /** What is explained, as JSON: input, target, parameters. */
  readonly question?: string | undefined;
  readonly images?: ExhibitImages | undefined;
  /** Stages of answers next to the golden. */
  readonly compared?: readonly ComparedExhibit[] | undefined;
}

export interface ExhibitImages {
  readonly input: string | null;
  readonly shown: readonly { readonly file: string; readonly caption: string }[];
  /** The backend that computed them. */
  readonly backend: string;
}

/** Golden, answer and difference in one file, from left to right, `gap` pixels around each. */
export interface ComparedExhibit {
  /** Of several runs: whose answer it is, counted from 0. */
  readonly run?: number | undefined;
  readonly backend: string;
  readonly stage: string;
  readonly file: string;
  /** Of one panel, in pixels. */
  readonly width: number;
  readonly height: number;
  readonly gap: number;
  /** Which plane of the stage is shown. */
  readonly plane: string;
  /** White is 0, red this, blue minus this. */
  readonly scale: number;
  /** The factor of the fourth panel; null: there are three. */
  readonly amplified: number | null;
}
