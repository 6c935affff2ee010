import { Worker } from 'node:worker_threads';

/**
 * Prints the seconds since the start. A worker thread writes them to stderr's file descriptor, because a computation in
 * this thread blocks the event loop. On a terminal one line, redrawn each second; elsewhere a line every ten seconds.
 */
const clock = `
const { workerData: { label, isTTY } } = require('node:worker_threads');
const { writeSync } = require('node:fs');
const start = Date.now();
setInterval(() => {
  const seconds = Math.round((Date.now() - start) / 1000);
  try { writeSync(2, isTTY ? '\\r\\x1b[2K' + label + ' ' + seconds + ' s' : label + ' ' + seconds + ' s\\n'); } catch {}
}, isTTY ? 1000 : 10000);
`;

/** Shows the elapsed time while `work` runs. */
export async function withElapsedTime<T>(label: string, work: () => Promise<T>): Promise<T> {
  const isTTY = process.stderr.isTTY === true;
  const worker = new Worker(clock, { eval: true, workerData: { label, isTTY } });
  try {
    return await work();
  } finally {
    await worker.terminate();
    if (isTTY) process.stderr.write('\r\u001b[2K');
  }
}
