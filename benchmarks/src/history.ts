/** Runs to keep: `benchmarks/history/<machine>.jsonl` holds one per line. */
import { readFile, stat } from 'node:fs/promises';
import { parseJson, parseJsonLines, TouchstoneError } from '@touchstone/contract';
import { z } from 'zod';
import type { BenchmarkRow } from './benchmark.js';

const Rate = z.number().positive();
const Times = z.array(z.number().positive()).max(10_000);

/** Of a stored row what others compare and draw with; a run may have been written by another version of Touchstone. */
const StoredRow = z.object({
  benchmark: z.string().max(200),
  network: z.string().max(200),
  backend: z.string().max(200),
  batch: z.number().int().positive(),
  imagesPerSecond: Rate,
  stockImagesPerSecond: Rate.nullable().default(null),
  pytorchImagesPerSecond: Rate.nullable().default(null),
  software: z.boolean().nullable().catch(null),
  milliseconds: Times.default([]),
  processorMilliseconds: Times.nullable().default(null),
  versions: z.object({ machine: z.string().max(500), controlMs: z.number().positive() }).nullable().catch(null),
});
export type StoredRow = z.infer<typeof StoredRow>;

const StoredRun = z.object({
  /** ISO 8601 */
  started: z.string().max(40),
  machine: z.string().max(500),
  commit: z.string().max(80).nullable().default(null),
  rows: z.array(StoredRow).max(10_000),
});
export type StoredRun = z.infer<typeof StoredRun>;

export interface Stamp {
  readonly started: string;
  readonly machine: string;
  /** Of the checkout, with `+` where files were changed; null: not known. */
  readonly commit: string | null;
}

export function historyLine(stamp: Stamp, rows: readonly BenchmarkRow[]): string {
  return `${JSON.stringify({ ...stamp, rows })}\n`;
}

/** @throws TouchstoneError `bad-input` */
export function readHistory(text: string, file: string): StoredRun[] {
  return parseJsonLines(text, StoredRun, file, 'bad-input');
}

const mostBytes = 64 * 2 ** 20;

/** The text of a file that `bench` wrote. @throws TouchstoneError `bad-input` where it is far too large for one */
export async function readStored(file: string): Promise<string> {
  const { size } = await stat(file);
  if (size > mostBytes) throw new TouchstoneError('bad-input', `${file} has ${size} bytes; at most ${mostBytes} are read`, 'It is no file of bench --json or --history.');
  return readFile(file, 'utf8');
}

/** What `bench --json` printed, or the last run of a history. @throws TouchstoneError `bad-input` */
export function readRows(text: string, file: string): StoredRow[] {
  const rows = text.trimStart().startsWith('[') ? parseJson(text, z.array(StoredRow).max(10_000), file, 'bad-input') : (readHistory(text, file).at(-1)?.rows ?? []);
  if (rows.length === 0) throw new TouchstoneError('bad-input', `${file} holds no row`, 'Make it with touchstone bench NAME --json.');
  return rows;
}

/** A file name for a machine in words. */
export function machineSlug(machine: string): string {
  return machine.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '').slice(0, 100);
}
