import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compareTensors, median, TouchstoneError, writeSafetensors, type HostTensor } from '@touchstone/contract';
import { findMethod } from '@touchstone/methods';
import type { ExplainRequest } from '@touchstone/session';
import type { BenchmarkOptions, FirstRunRow } from '../benchmark.js';
import { interleave, spreadOf } from '../rounds.js';
import { TimedSession } from '../timed-session.js';
import { versionsOf } from '../versions.js';
import { runCommand } from './run-command.js';
import { runPyTorch, type PyTorchRun } from './run-pytorch.js';

/** Of one run, and of loading. */
const deadlineMs = 600_000;
const target = 5;
/** Allowed e2: more than units near their switch points can cause. A wrong gradient is off by about 1. */
const maxChange = 0.02;

export interface FirstRunSetup {
  readonly benchmark: string;
  readonly network: string;
  readonly backend: string;
  /** With stored weights; what is asked and answered is written here too. */
  readonly folder: string;
  readonly x: HostTensor;
}

type Options = Pick<BenchmarkOptions, 'rounds' | 'python' | 'signal' | 'onProgress'>;

/**
 * In turn: the command in a new process, a warm session, PyTorch in a new process. Each runs once before, so that no
 * file is read from the disk for the first time, and their maps are compared.
 * @throws TouchstoneError `internal` where the maps differ
 */
export async function measureFirstRun(setup: FirstRunSetup, options: Options): Promise<FirstRunRow> {
  const { folder, backend, x, ...named } = setup;
  const { rounds, python, signal } = options;
  const input = join(folder, 'x.safetensors');
  writeFileSync(input, writeSafetensors({ x }));
  const command = () => runCommand({ folder, input, target, backend, deadlineMs, signal });
  const pytorch = () => runPyTorch({ python: python!, folder, x, target, deadlineMs });
  const session = await TimedSession.open(backend, { deadlineMs, signal });
  try {
    const request = requestOn(folder, x);
    const { attribution } = await command();
    const first = await session.time(request, 'ours', { answer: 'attribution' });
    assertAlike(first.answer!, attribution, 'of a session');
    await session.time(request, 'ours');
    const theirs = python === null ? null : await unlessAbsent(pytorch, options);
    if (theirs) assertAlike(theirs.attribution, attribution, 'of PyTorch');

    const commands: Awaited<ReturnType<typeof command>>[] = [];
    const runs: PyTorchRun[] = [];
    const warm = async () => (await session.time(request, 'ours')).milliseconds;
    const turns = [warm, noting(command, commands), ...(theirs ? [noting(pytorch, runs)] : [])];
    const milliseconds = (await interleave(turns, { rounds, signal })).map(([time]) => time!);
    return {
      kind: 'first-run',
      ...named,
      backend,
      batch: 1,
      imagesPerSecond: 1000 / median(milliseconds),
      milliseconds,
      firstRunMs: first.milliseconds,
      endToEndMilliseconds: commands.map((each) => each.milliseconds),
      peakBytes: Math.max(...commands.map((each) => each.peakBytes)),
      ...ofPyTorch(runs, milliseconds),
      software: session.software,
      verified: `a session gives the command's map${theirs ? ', and so does PyTorch' : ''}`,
      notes: [theirs ? `PyTorch on ${theirs.device}` : 'without PyTorch'],
      versions: versionsOf(session.device, theirs),
    };
  } finally {
    await session.close();
  }
}

function requestOn(networkFolder: string, x: HostTensor): ExplainRequest {
  const params = findMethod('saliency').params.parse({}) as Record<string, unknown>;
  return {
    method: 'saliency',
    networkFolder,
    x,
    target: { class: target },
    params,
    fixtures: {},
    maxValues: 100 * x.data.length,
  };
}

function assertAlike(map: HostTensor, expected: HostTensor, whose: string): void {
  const { e2 } = compareTensors(map, expected);
  if (e2 <= maxChange) return;
  const message = `the map ${whose} differs from the command's by ${e2.toExponential(1)} of its size`;
  throw new TouchstoneError('internal', message);
}

/** null where PyTorch does not run here, with a message. */
async function unlessAbsent(run: () => Promise<PyTorchRun>, { onProgress }: Options): Promise<PyTorchRun | null> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof TouchstoneError)) throw error;
    onProgress(`without PyTorch: ${error.message}`);
    return null;
  }
}

function noting<T extends { readonly milliseconds: number }>(run: () => Promise<T>, list: T[]): () => Promise<number> {
  return async () => {
    const ran = await run();
    list.push(ran);
    return ran.milliseconds;
  };
}

type OfPyTorch = Pick<FirstRunRow, 'pytorchImagesPerSecond' | 'pytorchRatio' | 'pytorchEndToEnd'>;

/** @param ours of a warm session, round by round */
function ofPyTorch(runs: readonly PyTorchRun[], ours: readonly number[]): OfPyTorch {
  if (runs.length === 0) return { pytorchImagesPerSecond: null, pytorchRatio: null, pytorchEndToEnd: null };
  const medianOf = (time: 'startMs' | 'loadMs' | 'firstRunMs' | 'warmMs') => median(runs.map((run) => run[time]));
  return {
    pytorchImagesPerSecond: 1000 / medianOf('warmMs'),
    pytorchRatio: spreadOf(runs.map(({ warmMs }, round) => warmMs / ours[round]!)),
    pytorchEndToEnd: {
      startMs: medianOf('startMs'),
      loadMs: medianOf('loadMs'),
      firstRunMs: medianOf('firstRunMs'),
      milliseconds: runs.map(({ milliseconds }) => milliseconds),
    },
  };
}
