#!/usr/bin/env node
/**
 * Whether a ratio that `touchstone bench smooth-grad` measures in turn is that of runs alone:
 * `node tools/benchmarks/in-turn.mjs BACKEND NETWORK BATCH [ROUNDS]`, with TOUCHSTONE_PYTHON. Each contestant runs
 * alone in its process, then all in turn as `bench` does it, then alone again, because the machine's speed drifts.
 */
import { median } from '@touchstone/contract';
import { whichPython } from '@touchstone/system';
import { interleave } from '../../benchmarks/dist/rounds.js';
import { byPyTorch, bySession } from '../../benchmarks/dist/smooth-grad/contestants.js';
import { deadlineMs } from '../../benchmarks/dist/smooth-grad/entrants.js';
import { chosenNetworks } from '../../benchmarks/dist/smooth-grad/networks.js';
import { PyTorch } from '../../benchmarks/dist/smooth-grad/pytorch.js';
import { jobOn } from '../../benchmarks/dist/smooth-grad/smooth-grad.js';
import { TimedSession } from '../../benchmarks/dist/timed-session.js';

const [backend = 'tensorflow', networkId = 'vgg11-64', batchText = '8', roundsText = '6'] = process.argv.slice(2);
const [network] = chosenNetworks([networkId]);
const [batch, rounds] = [Number(batchText), Number(roundsText)];
/** Seconds of one run, at least. */
const runSeconds = 1;

const job = jobOn(network, 'golden');

/** Name → a new process with this contestant alone. */
const openers = {
  ours: openOurs,
  pytorch: openPyTorch('pytorch'),
  channelsLast: openPyTorch('channelsLast'),
};

async function openOurs() {
  const session = await TimedSession.open(backend, { deadlineMs });
  return { ...bySession('ours', session, job), close: () => session.close() };
}

function openPyTorch(name) {
  return async () => {
    const pytorch = await PyTorch.start(whichPython(), 'cpu');
    await pytorch.load(job.networkFolder, deadlineMs);
    return { ...byPyTorch(name, pytorch, job, deadlineMs), close: () => pytorch.end() };
  };
}

/** As many passes as take `runSeconds`; also warms up. */
async function samplesOf(contestant) {
  await contestant.run({ samples: batch, batch });
  const { milliseconds } = await contestant.run({ samples: batch, batch });
  return batch * Math.max(1, Math.round((1000 * runSeconds) / milliseconds));
}

/** Images per second of each contestant, over the rounds. */
async function measured(contestants, samples) {
  const runs = contestants.map((contestant) => async () => {
    const run = { samples: samples[contestant.name], batch };
    return (await contestant.run(run)).milliseconds;
  });
  const times = await interleave(runs, { rounds });
  return Object.fromEntries(
    contestants.map(({ name }, i) => [name, median(times.map((row) => (1000 * samples[name]) / row[i]))]),
  );
}

async function together(names, measure) {
  const contestants = [];
  try {
    for (const name of names) contestants.push(await openers[name]());
    return await measure(contestants);
  } finally {
    for (const { close } of contestants) await close();
  }
}

const names = Object.keys(openers);
const samples = {};

async function alone() {
  const rates = {};
  for (const name of names)
    Object.assign(
      rates,
      await together([name], async ([contestant]) => {
        samples[name] = await samplesOf(contestant);
        return measured([contestant], samples);
      }),
    );
  return rates;
}

const before = await alone();
const inTurn = await together(names, async (contestants) => {
  for (const contestant of contestants) await contestant.run({ samples: batch, batch });
  return measured(contestants, samples);
});
const after = await alone();
console.log(`${networkId} on ${backend}, batch ${batch}, ${rounds} rounds: images per second, and ours against it`);
for (const name of names) {
  const still = Math.sqrt(before[name] * after[name]);
  const ours = Math.sqrt(before.ours * after.ours);
  const [ratio, ratioInTurn] = [ours / still, inTurn.ours / inTurn[name]];
  console.log(
    `${name.padEnd(12)} alone ${before[name].toPrecision(4)}, ${after[name].toPrecision(4)}; in turn ` +
      `${inTurn[name].toPrecision(4)}; ratio alone ${ratio.toPrecision(4)}, in turn ${ratioInTurn.toPrecision(4)}: ` +
      `${(100 * (ratioInTurn / ratio - 1)).toFixed(1)} %`,
  );
}
