/** What `attribute` asks for one method and for several. */
import { join } from 'node:path';
import type { NetworkDescription } from '@touchstone/contract';
import type { Method } from '@touchstone/methods';
import { networkFiles, type Answered, type ExplainRequest } from '@touchstone/session';
import type { Asked, AskedOptions } from './asked.js';
import { seenIn, type SeenImage } from './asked-target.js';
import type { FigureOptions } from './figures.js';
import { note } from './output.js';

export interface AttributeOptions extends AskedOptions, FigureOptions {
  readonly backend: string;
  readonly set?: string[];
  readonly out?: string[];
  readonly frames: number;
  readonly workers?: number;
  readonly restart?: boolean;
  readonly json?: boolean;
}

/** @param stages that are wanted; undefined: all */
export function requestOf(
  method: Method,
  networkFolder: string,
  { target, input: { x, fixtures } }: Asked,
  params: Readonly<Record<string, unknown>>,
  stages: readonly string[] | undefined,
): ExplainRequest {
  return {
    method: method.id,
    networkFolder,
    x,
    fixtures: Object.fromEntries(Object.entries(fixtures).filter(([name]) => method.fixtures.includes(name))),
    target,
    params,
    stages,
    wantLogits: !method.without?.includes('target'),
    maxValues: Infinity,
  };
}

/** The files that the answer is made from. */
export function sourcesOf({ image, input = [] }: AttributeOptions, networkFolder: string): string[] {
  return [...(image === undefined ? [] : [image]), ...input, ...networkFiles.map((name) => join(networkFolder, name))];
}

/** What the network sees; undefined: there are no scores, or they are not finite. */
export function seenIfFinite(
  { logits, target, nonFinite = [] }: Answered,
  description: NetworkDescription,
): readonly SeenImage[] | undefined {
  return logits && !nonFinite.includes('logits') ? seenIn(logits, target!, description) : undefined;
}

/** Exit status 1 where there are any. @param by the method, where there are several */
export function warnOf(nonFinite: readonly string[], by?: string): void {
  if (nonFinite.length === 0) return;
  const whose = by === undefined ? '' : `${by}: `;
  note(
    `warning: ${whose}not finite: ${nonFinite.join(', ')} (NaN or ±∞, as where numbers overflow); ` +
      'do not use this answer',
  );
  process.exitCode = 1;
}
