/** The contestants of the sweep: ours, stock TF.js on the same backend, PyTorch, the same in channels_last, Captum. */
import { TouchstoneError, type HostTensor } from '@touchstone/contract';
import type { ExplainRequest } from '@touchstone/session';
import type { TimedSession } from '../timed-session.js';
import type { PyTorch } from '../pytorch.js';

type OfPyTorch = 'pytorch' | 'channelsLast' | 'captum';
export type Name = 'ours' | 'stock' | OfPyTorch;

const methodOf = { pytorch: 'smooth-grad', channelsLast: 'channels-last', captum: 'captum' } as const;

/** One run of SmoothGrad: `samples` noisy copies, `batch` in a pass. */
export interface Run {
  readonly samples: number;
  readonly batch: number;
}

export interface Ran {
  readonly milliseconds: number;
  readonly peakBytes: number | null;
  /** The mean gradient; null: not asked for, or not available. */
  readonly average: HostTensor | null;
}

export interface Contestant {
  readonly name: Name;
  /** @param options.job instead of the one it was made for: that of the small check */
  readonly run: (run: Run, options?: { readonly answer?: boolean; readonly job?: ExplainRequest }) => Promise<Ran>;
}

export function bySession(name: 'ours' | 'stock', session: TimedSession, job: ExplainRequest): Contestant {
  return {
    name,
    run: async (run, { answer = false, job: other = job } = {}) => {
      const {
        milliseconds,
        peakBytes,
        answer: average,
      } = await session.time({ ...other, params: { ...other.params, ...run } }, name, {
        answer: answer ? 'average' : null,
      });
      return { milliseconds, peakBytes, average };
    },
  };
}

export function byPyTorch(name: OfPyTorch, pytorch: PyTorch, job: ExplainRequest, deadlineMs: number): Contestant {
  return {
    name,
    run: async (run, { answer = false, job: { x, target, params, fixtures } = job } = {}) => {
      if (target === 'likeliest' || !('class' in target) || typeof target.class !== 'number')
        throw new TouchstoneError('internal', 'the comparison with PyTorch needs one class as the target');
      const question = {
        ...run,
        shape: x.shape,
        x: [...x.data],
        class: target.class,
        fraction: Number(params['fraction']),
        noise: fixtures['noise'] ? [...fixtures['noise'].data] : null,
        answer,
      };
      const { milliseconds, values } = await pytorch.time(methodOf[name], question, deadlineMs);
      return {
        milliseconds,
        peakBytes: null,
        average: values ? { shape: x.shape, data: Float32Array.from(values) } : null,
      };
    },
  };
}
