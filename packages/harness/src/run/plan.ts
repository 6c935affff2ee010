/** Which cases each of several machines judges: the same on all of them, and known by its hash. */
import { statSync } from 'node:fs';
import { counted, TouchstoneError, type CaseRow, type Part } from '@touchstone/contract';
import { maxBytes, readBounded, sha256 } from '@touchstone/system';
import { ownVersion } from '../own-version.js';
import type { CaseSource } from '../golden/case-source.js';
import { GoldenStore } from '../golden/golden-store.js';
import { plannedSeconds } from './case-seconds.js';
import { expectationFiles, type PortChoice } from './open-ports.js';

/** The `shard`-th of `shards` parts, from 1. */
export interface Shard {
  readonly shard: number;
  readonly shards: number;
}

export interface PlanOptions {
  /** All that are selected, in order. */
  readonly cases: readonly CaseRow[];
  readonly golden: CaseSource;
  /** Goldens that were made on the spot: the last bits of what is made differ by machine, and do not count. */
  readonly isMade?: boolean | undefined;
  readonly choice: PortChoice;
  readonly deadlineMs: number;
  readonly named?: readonly string[] | undefined;
  readonly words?: readonly string[] | undefined;
}

/** The cases of one shard, in the order of the plan, and what its header says of the plan. */
export interface PlannedShard {
  readonly cases: readonly CaseRow[];
  readonly part: Part;
}

/** @throws TouchstoneError `usage` where a shard would be empty */
export function planShard(
  { cases, golden, isMade = false, choice, deadlineMs, named = [], words = [] }: PlanOptions,
  { shard, shards }: Shard,
): PlannedShard {
  if (shards > cases.length)
    throw new TouchstoneError(
      'usage',
      `${shards} shards: only ${counted(cases.length, 'case')} ${cases.length === 1 ? 'is' : 'are'} selected`,
      'Use fewer shards.',
    );
  const content = {
    version: ownVersion,
    golden: isMade && golden instanceof GoldenStore ? givenHash(golden) : golden.manifestHash,
    cases: cases.map(({ id }) => id),
    judged: judgedBy(choice, golden.root),
    deadlineMs,
    named,
    shards,
  };
  const seconds = cases.map(({ id }) => plannedSeconds(id, golden.multiplyAddsOf(id)));
  const places = distribute(seconds, shards)[shard - 1]!;
  return {
    cases: places.map((place) => cases[place]!),
    part: {
      hash: sha256(JSON.stringify(content)),
      shard,
      shards,
      total: cases.length,
      places,
      named: [...named],
      words: [...words],
    },
  };
}

/**
 * Longest first, each to the shard that has least; ties by order. Every shard gets something, because each time is
 * more than 0. Returns ascending indexes.
 */
export function distribute(seconds: readonly number[], shards: number): number[][] {
  const parts = Array.from({ length: shards }, () => ({ load: 0, places: [] as number[] }));
  const longestFirst = seconds.map((_, i) => i).toSorted((a, b) => seconds[b]! - seconds[a]! || a - b);
  for (const place of longestFirst) {
    const least = parts.reduce((best, part) => (part.load < best.load ? part : best));
    least.load += seconds[place]!;
    least.places.push(place);
  }
  return parts.map(({ places }) => places.toSorted((a, b) => a - b));
}

/** What is judged, so that another port, or other known failures, are another plan. */
function judgedBy(choice: PortChoice, goldenRoot: string): unknown {
  const { backends, require, port, outputs, partial } = choice;
  return {
    backends,
    require,
    port: port === undefined ? null : fileHash(port),
    outputs,
    partial,
    expectations: expectationFiles(goldenRoot, choice).map(({ rows }) => rows),
  };
}

/** Of a module; a command line as it is. */
function fileHash(port: string): string {
  return statSync(port, { throwIfNoEntry: false })?.isFile()
    ? sha256(readBounded(port, maxBytes.json, 'bad-input'))
    : port;
}

/** Of what goldens are made from: everything but what is made. */
function givenHash({ manifest: { files } }: GoldenStore): string {
  const given = Object.entries(files).filter(([path]) => !path.startsWith('data/'));
  return sha256(JSON.stringify(given.map(([path, { sha256: hash }]) => [path, hash]).toSorted()));
}
