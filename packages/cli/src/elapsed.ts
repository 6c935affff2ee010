import { Worker } from 'node:worker_threads';

/**
 * The seconds since the start, written by a thread to stderr's file descriptor: an engine in this thread leaves the
 * event loop no turn. On a terminal one line, redrawn each second; elsewhere a line every ten seconds.
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

/** Runs `work`, and shows that it is not hanging. */
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
