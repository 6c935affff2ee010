/**
 * The loop of the programs that the gate starts in base and in head: prints `{"ready":true}` once the method has run,
 * and answers each line `{"turns":n}` with the time of n turns: `{"milliseconds":…,"processorMilliseconds":…}`. It ends
 * when its input ends.
 *
 * TOUCHSTONE_BENCHMARK_SLOWDOWN=0.1 adds busy work of a tenth of its own time to each turn, to test the gate.
 */
import { createInterface } from 'node:readline';
import { timed, type Time, type Turns } from './timed.js';

export async function serveTurns(open: () => Promise<Turns>): Promise<void> {
  const slowdown = Number(process.env['TOUCHSTONE_BENCHMARK_SLOWDOWN'] ?? 0);
  const write = process.stdout.write.bind(process.stdout);
  // What a port prints is no line of ours.
  process.stdout.write = process.stderr.write.bind(process.stderr) as typeof process.stdout.write;
  const say = (line: object): void => void write(`${JSON.stringify(line)}\n`);
  let opened: Turns | undefined;
  try {
    opened = await open();
    await opened.turn();
    say({ ready: true });
    for await (const line of createInterface({ input: process.stdin })) {
      const { turns } = JSON.parse(line) as { turns: number };
      const times: Time[] = [];
      for (let i = 0; i < turns; i++) {
        const time = await opened.turn();
        times.push(time);
        if (slowdown > 0)
          times.push(await timed(() => busyFor(slowdown * (time.processorMilliseconds ?? time.milliseconds))));
      }
      const known = times.every(({ processorMilliseconds }) => processorMilliseconds !== null);
      const sum = (of: (time: Time) => number): number => times.reduce((all, time) => all + of(time), 0);
      say({
        milliseconds: sum((time) => time.milliseconds),
        processorMilliseconds: known ? sum((time) => time.processorMilliseconds!) : null,
      });
    }
  } catch (error) {
    say({ error: (error as Error).message });
    process.exitCode = 4;
  } finally {
    await opened?.stop();
  }
}

/** Uses this many milliseconds of processor time. */
function busyFor(milliseconds: number): void {
  const used = process.cpuUsage();
  for (;;) {
    const { user, system } = process.cpuUsage(used);
    if ((user + system) / 1000 >= milliseconds) return;
  }
}
