import { plainText } from '@touchstone/contract';

export interface ProgressLine {
  /** `total` 0: not known yet. */
  update(done: number, total: number, label: string, secondsLeft?: number): void;
  /** Removes the line from a terminal. */
  end(): void;
}

interface Stream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** One line that is redrawn on a terminal (at most ten times a second); elsewhere a plain line every five seconds. */
export function progressOn(stream: Stream, now: () => number = Date.now): ProgressLine {
  const every = stream.isTTY ? 100 : 5000;
  let last = stream.isTTY ? -Infinity : now();
  let drawn = false;
  return {
    update(done, total, label, secondsLeft) {
      if (now() - last < every) return;
      last = now();
      const left = secondsLeft === undefined || done === total ? '' : `, ${roughly(secondsLeft)} left`;
      const text = `${total > 0 ? `${done}/${total}` : '…'}${left}  ${plainText(label, 120)}`;
      stream.write(stream.isTTY ? `\r\u001b[2K${text.slice(0, (stream.columns ?? 80) - 1)}` : `${text}\n`);
      drawn = true;
    },
    end() {
      if (drawn && stream.isTTY) stream.write('\r\u001b[2K');
      drawn = false;
    },
  };
}

/** An estimated duration: `about 40 s`, `about 3 min`. */
export function roughly(seconds: number): string {
  if (seconds < 10) return 'a few seconds';
  if (seconds < 90) return `about ${5 * Math.round(seconds / 5)} s`;
  return `about ${Math.round(seconds / 60)} min`;
}
