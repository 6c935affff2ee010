/** The real command as a child process, as people and CI run it. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { resultsFiles, type Outcome } from '@touchstone/contract';
import { readResults } from '@touchstone/harness';
import { afterAll, beforeAll, expect } from 'vitest';
import type { z } from 'zod';
import { jsonOutputs } from '../json-outputs.js';

const bin = fileURLToPath(new URL('../../bin/touchstone.mjs', import.meta.url));
export const golden = fileURLToPath(new URL('../../../../golden', import.meta.url));
export const network = join(golden, 'networks/tiny-vgg');
export const input = join(golden, 'inputs/cat-32.safetensors');
export const cat = join(golden, 'inputs/images/cat.png');

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Scratch {
  readonly folder: string;
  /** Runs the command in the folder; `during` gets the child. */
  readonly touchstone: (args: readonly string[], during?: (child: ChildProcess) => void) => Promise<Ended>;
}

/** A folder for the tests of one file, removed after them. @param env in addition to this process's */
export function scratch(env: Readonly<Record<string, string>> = {}): Scratch {
  const folder = mkdtempSync(join(tmpdir(), 'touchstone-cli-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const touchstone: Scratch['touchstone'] = (args, during) => {
    const child = spawn(process.execPath, [bin, ...args], {
      cwd: folder,
      env: { ...process.env, DEBUG: '', ...env },
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (text: Buffer) => (stdout += text.toString()));
    child.stderr.on('data', (text: Buffer) => (stderr += text.toString()));
    during?.(child);
    return new Promise((resolve) => child.on('close', (status) => resolve({ status, stdout, stderr })));
  };
  return { folder, touchstone };
}

/** The tests of one file run with this as the working directory; other files in the same process do not. */
export function workIn(folder: string): void {
  const before = process.cwd();
  beforeAll(() => process.chdir(folder));
  afterAll(() => process.chdir(before));
}

/**
 * The arguments of a command line, separated by white space. An interpolated text stays within one argument; an array
 * is several arguments.
 */
export function line(
  texts: TemplateStringsArray,
  ...values: readonly (string | number | readonly string[])[]
): string[] {
  const marked = texts.map((text, i) => (i < values.length ? `${text}\0${i}\0` : text)).join('');
  return marked
    .trim()
    .split(/\s+/)
    .filter((word) => word !== '')
    .flatMap((word) => {
      const whole = /^\0(\d+)\0$/.exec(word);
      const value = whole === null ? '' : values[Number(whole[1])]!;
      if (typeof value === 'object') return value;
      return [word.replaceAll(/\0(\d+)\0/g, (_, i: string) => String(values[Number(i)]))];
    });
}

type JsonOutputs = typeof jsonOutputs;

/** What a command has printed with --json, which its schema describes to the last field. */
export function published<K extends keyof JsonOutputs>(output: K, stdout: string): z.output<JsonOutputs[K]> {
  const value: unknown = JSON.parse(stdout);
  expect(jsonOutputs[output].parse(value)).toEqual(value);
  return value as z.output<JsonOutputs[K]>;
}

/** Of the report in a folder, without what differs from run to run. */
export function outcomesOf(report: string): Outcome[] {
  return readResults(join(report, resultsFiles.whole)).outcomes.map(
    (outcome) => Object.assign({}, outcome, { milliseconds: 0, peakBytes: 0 }) as Outcome,
  );
}
