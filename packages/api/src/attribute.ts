import { parse, type HostTensor, type Stages, type Target } from '@touchstone/contract';
import { answerPng, pngStyle, type FigureOptions } from '@touchstone/cli';
import { findMethod, noteOn } from '@touchstone/methods';
import { errorOf, openChildSession } from '@touchstone/session';
import { ask, type AskOptions } from './ask.js';

export interface AttributeOptions extends Omit<AskOptions, 'layout'> {
  /** Default `wasm`. */
  readonly backend?: string | undefined;
  /** Of the method, as `--set` gives them. */
  readonly params?: Readonly<Record<string, unknown>> | undefined;
  /** Draws the answer for people, of a batch that of image 0: true, or how. Needs sharp. */
  readonly figure?: boolean | FigureOptions | undefined;
}

export interface Attribution {
  /** The map, [N,1,H,W] or [N,C,H,W]. */
  readonly attribution: HostTensor;
  /** All stages by their names, `attribution` too; NCHW. */
  readonly stages: Stages;
  /** What was explained; null: the method has no target. */
  readonly target: Target | null;
  /** [N,classes]; null: the method has no target. */
  readonly logits: HostTensor | null;
  /** The stages that hold NaN or ±∞: then the answer is of no use. */
  readonly nonFinite: readonly string[];
  /** What a reader must know of this method on this network; null: nothing. */
  readonly note: string | null;
  /** A PNG, as `touchstone attribute` writes it; null: it was not asked for. */
  readonly figure: Uint8Array | null;
}

/**
 * Explains images, in a process of its own, so that this process's TensorFlow.js stays as it is.
 *
 * @throws TouchstoneError for what was given, and `backend-unavailable`, `unsupported`, `timeout`; `missing-package`
 * for a figure without sharp
 */
export async function attribute(methodId: string, options: AttributeOptions): Promise<Attribution> {
  const method = findMethod(methodId);
  const { backend = 'wasm', signal, figure = false } = options;
  const style = figure === false ? null : await pngStyle(method, figure === true ? {} : figure);
  const params = parse(method.params, options.params ?? {}, `the parameters of ${method.id}`, 'bad-params');
  const { folder, description, target, input, deadlineMs } = await ask(method, options);
  const note = noteOn(method, description) ?? null;
  const hasTarget = !method.without?.includes('target');
  const session = await openChildSession({ backend }, { signal });
  try {
    const answer = await session.explain(
      {
        method: method.id,
        networkFolder: folder,
        x: input.x,
        fixtures: {},
        target,
        params: params as Record<string, unknown>,
        wantLogits: hasTarget,
        maxValues: Infinity,
      },
      { deadlineMs },
    );
    if (answer.kind !== 'answered') throw errorOf(answer);
    const { stages, logits = null, nonFinite = [] } = answer;
    const drawable = { method, answer, params: options.params ?? {}, input, network: description, backend };
    return {
      attribution: stages['attribution']!,
      stages,
      target: hasTarget ? (answer.target ?? null) : null,
      logits,
      nonFinite,
      note,
      figure: style === null ? null : await answerPng(drawable, style),
    };
  } finally {
    await session.close();
  }
}
