import type { GoldenMeta, Tier } from '@touchstone/contract';
import type { SwitchPoints } from '@touchstone/methods';
import type { Layout } from '@touchstone/port';
import type { ExplainAnswer, ExplainRequest, SketchProbes } from '@touchstone/session';

/** The limit for a run, and the approximate speed. */
export interface TimeEstimate {
  readonly deadlineMs: number;
  readonly multiplyAddsPerSecond: number;
}

export type Opened =
  | {
      readonly kind: 'ready';
      readonly name: string;
      readonly version: string;
      readonly device: string;
      readonly precision: string;
      readonly softwareRenderer: boolean;
      /** Of a foreign port, if it says so: the methods that it has. */
      readonly methods?: readonly string[] | undefined;
      readonly layout?: Layout | undefined;
    }
  | { readonly kind: 'unavailable'; readonly reason: string };

/** In whose words a remedy is said. */
export type PortLanguage = 'javascript' | 'python';

/** Of what a port calls its language, such as "Python 3.12"; undefined: another one. */
export function languageNamed(name: string): PortLanguage | undefined {
  if (/python/i.test(name)) return 'python';
  return /javascript|typescript|node/i.test(name) ? 'javascript' : undefined;
}

/** An implementation under test. It answers one request at a time; its errors are part of its answer. */
export interface Port {
  /** The name of its backend in the results, once it is open. */
  readonly id: string;
  /** Ours: every stage is required, its images are kept, and a failure is diagnosed layer by layer. */
  readonly own: boolean;
  /** The bounds for judging it, once it is open. */
  readonly tier: Tier;
  /** That its author writes, once it is open; left out: it is not known. */
  readonly language?: PortLanguage | undefined;
  /** That it declares, once it is open; left out: NCHW. */
  readonly layout?: Layout | undefined;
  /** null: its speed is not known, so every case runs. */
  readonly timeEstimate: TimeEstimate | null;
  open(): Promise<Opened>;
  explain(request: ExplainRequest): Promise<ExplainAnswer>;
  /** The sketch of every layer; null: it has none. */
  sketch(request: ExplainRequest, sketch: GoldenMeta['sketch']): Promise<readonly SketchProbes[] | null>;
  /** The decisions at the switch points of the case; null: it has none. */
  switchPoints(request: ExplainRequest): Promise<SwitchPoints | null>;
  /** A second one, not open yet, if two are faster than one; null: they are not. */
  another(): Port | null;
  /**
   * Ends it after its last case. What it did against the rules of ports, so that its run does not count as complete;
   * null: nothing.
   */
  finish(): Promise<string | null>;
  stop(): void;
}

/** What the judge needs to know of the implementation that answered. */
export type JudgedPort = Pick<Port, 'own' | 'tier' | 'language' | 'layout' | 'sketch' | 'switchPoints'>;
