import type { Engine } from './engine.js';

const checkEveryMs = 200;

/** The reply, unless the device is lost meanwhile: then a kernel may wait for ever, or answer zeros. */
export async function whileAlive<T>({ whyLost }: Engine, reply: Promise<T>): Promise<T> {
  if (whyLost === undefined) return reply;
  let timer: ReturnType<typeof setInterval> | undefined;
  const check = (): void => {
    const why = whyLost();
    if (why !== null) throw new Error(why);
  };
  const lost = new Promise<never>((_, reject) => {
    timer = setInterval(() => {
      try {
        check();
      } catch (error) {
        reject(error as Error);
      }
    }, checkEveryMs);
  });
  try {
    const answer = await Promise.race([reply, lost]);
    check();
    return answer;
  } finally {
    clearInterval(timer);
  }
}
