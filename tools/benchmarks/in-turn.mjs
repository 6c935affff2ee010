#!/usr/bin/env node
/**
 * Whether a ratio that `touchstone bench smooth-grad` measures in turn is that of runs alone:
 * `node tools/benchmarks/in-turn.mjs BACKEND NETWORK BATCH [BLOCKS] [ROUNDS]`, with TOUCHSTONE_PYTHON. The machine's
 * speed drifts, so a block is short: each contestant runs several times while no one else does, and all run in turn as
 * `bench` does it. Every second block begins with the turns.
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

const [backend = 'tensorflow', networkId = 'vgg11-64', batchText = '8', blocksText = '6', roundsText = '3'] =
  process.argv.slice(2);
const [network] = chosenNetworks([networkId]);
const [batch, blockCount, rounds] = [batchText, blocksText, roundsText].map(Number);
/** Seconds of one run, at least. */
const runSeconds = 1;

const job = jobOn(network, 'golden');

/** Each opens a process of its own. */
const openers = [openOurs, () => openPyTorch('pytorch'), () => openPyTorch('channelsLast')];

async function openOurs() {
  const session = await TimedSession.open(backend, { deadlineMs });
  return { ...bySession('ours', session, job), close: () => session.close() };
}

async function openPyTorch(name) {
  const pytorch = await PyTorch.start(whichPython(), 'cpu');
  await pytorch.load(job.networkFolder, deadlineMs);
  return { ...byPyTorch(name, pytorch, job, deadlineMs), close: () => pytorch.end() };
}

/** As many passes as take `runSeconds`; also warms up. */
async function samplesOf(contestant) {
  await contestant.run({ samples: batch, batch });
  const { milliseconds } = await contestant.run({ samples: batch, batch });
  return batch * Math.max(1, Math.round((1000 * runSeconds) / milliseconds));
}

/** Milliseconds per sample of each contestant while no one else runs; without its first run, which follows another. */
async function alone(runs) {
  const times = [];
  for (const run of runs) {
    await run();
    times.push(median((await interleave([run], { rounds })).flat()));
  }
  return times;
}

const contestants = [];
/** Ours ÷ another's images per second: a row per block, and in it one number per other contestant. */
const blocks = { alone: [], inTurn: [] };
try {
  for (const open of openers) contestants.push(await open());
  const runs = [];
  for (const contestant of contestants) {
    const samples = await samplesOf(contestant);
    runs.push(async () => (await contestant.run({ samples, batch })).milliseconds / samples);
  }
  const measureAlone = async () => {
    const [ours, ...others] = await alone(runs);
    blocks.alone.push(others.map((other) => other / ours));
  };
  const measureInTurn = async () => {
    const times = await interleave(runs, { rounds });
    blocks.inTurn.push(contestants.slice(1).map((_, i) => median(times.map((row) => row[i + 1] / row[0]))));
  };
  for (let block = 0; block < blockCount; block++) {
    const order = [measureAlone, measureInTurn];
    for (const measure of block % 2 === 0 ? order : order.toReversed()) await measure();
    process.stderr.write(`\rblock ${block + 1} of ${blockCount}`);
  }
} finally {
  for (const { close } of contestants) await close();
}

console.log(
  `\n${networkId} on ${backend}, batch ${batch}, ${blockCount} blocks of ${rounds} rounds: ours ÷ another's rate`,
);
for (const [i, { name }] of contestants.slice(1).entries()) {
  const column = (rows) => rows.map((row) => row[i]);
  const [ratio, ratioInTurn] = [column(blocks.alone), column(blocks.inTurn)];
  const changes = ratioInTurn.map((value, block) => 100 * (value / ratio[block] - 1)).toSorted((a, b) => a - b);
  const quarter = Math.floor(changes.length / 4);
  console.log(
    `${name}: alone ${median(ratio).toPrecision(3)}, in turn ${median(ratioInTurn).toPrecision(3)}; change within a ` +
      `block ${median(changes).toFixed(1)} %, half of the blocks from ${changes[quarter].toFixed(1)} to ` +
      `${changes.at(-1 - quarter).toFixed(1)} %`,
  );
}
