import { backends } from '@touchstone/backends';
import { TouchstoneError, type GoldenMeta, type Tier } from '@touchstone/contract';
import type { SwitchPoints } from '@touchstone/methods';
import type { Layout } from '@touchstone/port';
import {
  firstDifferent,
  openChildSession,
  type Answered,
  type ExplainAnswer,
  type ExplainRequest,
  type Session,
  type SketchProbes,
  type Subject,
} from '@touchstone/session';
import type { Opened, Port, TimeEstimate } from './port.js';
import { unanswered } from './repeated.js';

export interface PortOptions {
  /** Limit for one run of a case. */
  readonly deadlineMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Receives what a port that is not ours prints, cleaned, up to a limit. */
  readonly onPrinted?: ((line: string) => void) | undefined;
}

export interface PortTraits {
  /** The name of its backend in the results; a foreign port replaces it by its own name. */
  readonly id: string;
  readonly own: boolean;
  readonly timeEstimate: TimeEstimate | null;
  /** A second one, or null; called when it is known whether a software renderer computes. */
  readonly another: (softwareRenderer: boolean) => Port | null;
}

/** A foreign port with the name of a backend would meet what is expected of the backend. */
export function checkName(name: string): string {
  if (!backends.some(({ id }) => id === name)) return name;
  throw new TouchstoneError(
    'port-error',
    `the port calls itself "${name}", as a backend does`,
    'Give it another name.',
  );
}

/** For the start of Node.js and the import of a port, on a busy machine, in milliseconds. */
const leastOpenMs = 20_000;
/** A case runs twice. */
const runs = 2;

/** A port in a child process. */
export class SessionPort implements Port {
  id: string;
  tier: Tier = 'float32';
  readonly own: boolean;
  readonly language = 'javascript';
  readonly timeEstimate: TimeEstimate | null;
  readonly #subject: Subject;
  readonly #traits: PortTraits;
  readonly #deadlineMs: number;
  readonly #onPrinted: PortOptions['onPrinted'];
  readonly #stopping = new AbortController();
  readonly #signal: AbortSignal;
  #session: Session | undefined;

  constructor(subject: Subject, traits: PortTraits, { deadlineMs, signal, onPrinted }: PortOptions) {
    this.#onPrinted = traits.own ? undefined : onPrinted;
    this.id = traits.id;
    this.own = traits.own;
    this.timeEstimate = traits.timeEstimate;
    this.#subject = subject;
    this.#traits = traits;
    this.#deadlineMs = deadlineMs;
    this.#signal = signal ? AbortSignal.any([signal, this.#stopping.signal]) : this.#stopping.signal;
  }

  get layout(): Layout | undefined {
    return this.#session?.info.layout;
  }

  async open(): Promise<Opened> {
    try {
      this.#session = await openChildSession(this.#subject, {
        signal: this.#signal,
        onPrinted: this.#onPrinted,
        openDeadlineMs: this.own ? undefined : Math.max(leastOpenMs, this.#deadlineMs),
      });
    } catch (error) {
      if (!this.own && error instanceof TouchstoneError && error.hint === undefined)
        throw new TouchstoneError(
          error.code,
          `the port cannot be opened: ${error.message}`,
          'Check what the port does when it is imported.',
        );
      if (!(error instanceof TouchstoneError && error.code === 'backend-unavailable')) throw error;
      return { kind: 'unavailable', reason: error.message };
    }
    const { info } = this.#session;
    if (this.own) this.tier = info.precision === 'float16' ? 'float16' : 'float32';
    else this.id = checkName(info.name);
    return { kind: 'ready', ...info };
  }

  async explain(request: ExplainRequest): Promise<ExplainAnswer> {
    const deadlineMs = runs * this.#deadlineMs;
    if (this.own) return this.#open.explain(request, { twice: true, deadlineMs });
    const first = await this.#open.explain(request, { measuresMemory: true, deadlineMs });
    return first.kind === 'answered' ? this.#again(request, first) : first;
  }

  /** The second run of a port that is not ours, compared here: the port's code can change what runs in its process. */
  async #again(request: ExplainRequest, first: Answered): Promise<ExplainAnswer> {
    const second = await this.#open.explain(request, { deadlineMs: this.#deadlineMs });
    if (second.kind === 'skipped' || (second.kind === 'errored' && second.code === 'port-error'))
      return { ...first, ...unanswered(second.reason) };
    if (second.kind === 'errored') return second;
    return { ...first, unrepeated: firstDifferent(first.stages, second.stages), leaked: first.leaked + second.leaked };
  }

  async sketch(request: ExplainRequest, sketch: GoldenMeta['sketch']): Promise<readonly SketchProbes[] | null> {
    if (!this.own) return null;
    return this.#open.diagnose({ kind: 'sketch', request, sketch }, { deadlineMs: this.#deadlineMs }).catch(() => null);
  }

  async switchPoints(request: ExplainRequest): Promise<SwitchPoints | null> {
    if (!this.own) return null;
    return this.#open.diagnose({ kind: 'switchPoints', request }, { deadlineMs: this.#deadlineMs }).catch(() => null);
  }

  another(): Port | null {
    return this.#traits.another(this.#session?.info.softwareRenderer ?? false);
  }

  async finish(): Promise<null> {
    return null;
  }

  stop(): void {
    this.#stopping.abort();
  }

  get #open(): Session {
    if (this.#session === undefined) throw new TouchstoneError('internal', 'a port was used before it was opened');
    return this.#session;
  }
}
