/** `touchstone attribute saliency` in a new process, as a user runs it. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parseJson, readSafetensors, TouchstoneError, type HostTensor } from '@touchstone/contract';
import { z } from 'zod';

const touchstone = fileURLToPath(new URL('../../../packages/cli/bin/touchstone.mjs', import.meta.url));
/** Compiled, also where this file runs from src. */
const watched = new URL('../../dist/first-run/watched.js', import.meta.url).href;

const Watched = z.object({ peakBytes: z.number().positive() });

export interface CommandRun {
  /** A folder with the network; answers are written next to it. */
  readonly folder: string;
  /** A file with x. */
  readonly input: string;
  readonly target: number;
  readonly backend: string;
  readonly deadlineMs: number;
  readonly signal?: AbortSignal | undefined;
}

interface Ran {
  /** From the start of the process to its end. */
  readonly milliseconds: number;
  /** The most memory that the process held. */
  readonly peakBytes: number;
  readonly attribution: HostTensor;
}

/** @throws TouchstoneError `process-crashed` with the error that it printed */
export async function runCommand({ folder, input, target, backend, deadlineMs, signal }: CommandRun): Promise<Ran> {
  const out = join(folder, 'saliency.safetensors');
  const what = ['attribute', 'saliency', '--network', folder, '--input', input, '--target', String(target)];
  const args = ['--import', watched, touchstone, ...what, '--backend', backend, '--out', out];
  const start = performance.now();
  const printed = await promisify(execFile)(process.execPath, args, { signal, timeout: deadlineMs }).catch(
    (error: Error & { stderr?: string }) => {
      if (signal?.aborted) throw error;
      const words = (error.stderr ?? error.message).trim();
      throw new TouchstoneError('process-crashed', `touchstone ${what.join(' ')}: ${words}`);
    },
  );
  const milliseconds = performance.now() - start;
  const last = printed.stderr.trimEnd().split('\n').at(-1)!;
  const { peakBytes } = parseJson(last, Watched, 'the last line of touchstone attribute', 'internal');
  const { attribution } = readSafetensors(readFileSync(out), out).tensors;
  return { milliseconds, peakBytes, attribution: attribution! };
}
