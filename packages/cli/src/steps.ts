import { progressOn } from '@touchstone/report';

/** The steps of a task that takes long, and how long each has taken, on stderr. */
export interface Steps {
  /** `total` 0: the steps cannot be counted. */
  begin(step: string, done?: number, total?: number): void;
  end(): void;
}

export function showSteps(): Steps {
  const progress = progressOn(process.stderr);
  let [current, start, at, of] = ['', performance.now(), 0, 0];
  const show = (): void => {
    const seconds = Math.round((performance.now() - start) / 1000);
    if (current !== '') progress.update(at, of, `${current}${seconds === 0 ? '' : `: ${seconds} s`}`);
  };
  const timer = setInterval(show, 1000);
  return {
    begin(step, done = 0, total = 0) {
      [current, start, at, of] = [step, performance.now(), done, total];
      show();
    },
    end() {
      clearInterval(timer);
      progress.end();
    },
  };
}
