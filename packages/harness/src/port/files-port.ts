import { existsSync, realpathSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { readSafetensors, TouchstoneError, messageOf, type Stages } from '@touchstone/contract';
import { below, readBounded, realBelow } from '@touchstone/system';
import type { Answered, ExplainAnswer, ExplainRequest } from '@touchstone/session';
import type { JudgedPort, Port } from './port.js';

const outputName = 'outputs.safetensors';
/** Room for the header of a safetensors file, in bytes. */
const headerBytes = 2 ** 20;

export interface FilesOptions {
  /** Ids of the cases that are judged; null: they are not known yet. */
  readonly cases: readonly string[] | null;
  /** Cases without an output are skipped; otherwise they are errors. */
  readonly partial: boolean;
}

/**
 * Answers that a port has written as `<folder>/<case id>/outputs.safetensors`: way 3 of the port protocol.
 * @throws TouchstoneError `usage` for no folder; `port-error` where none of the cases has an output
 */
export function filesPort(folder: string, { cases, partial }: FilesOptions): Port {
  const root = resolve(folder);
  if (!statSync(root, { throwIfNoEntry: false })?.isDirectory())
    throw new TouchstoneError(
      'usage',
      `--outputs ${folder}: ${existsSync(root) ? 'not a folder' : 'no such folder'}`,
      'Write the cases with --export, run the port on them, and give the folder that it wrote.',
    );
  if (cases !== null && !cases.some((id) => existsSync(join(root, id, outputName)))) {
    const none = cases.length === 1 ? 'the case has no output' : `none of ${cases.length} cases has an output`;
    throw new TouchstoneError(
      'port-error',
      `--outputs ${folder}: ${none}`,
      `Write each answer as <case>/${outputName}, for example ${join(folder, cases[0] ?? '', outputName)}.`,
    );
  }
  return {
    id: 'outputs',
    own: false,
    tier: 'float32',
    timeEstimate: null,
    open: async () => ({
      kind: 'ready',
      name: basename(root),
      version: 'files',
      device: 'files',
      precision: 'unknown',
      softwareRenderer: false,
    }),
    explain: async (request) => readAnswer(realpathSync(root), request, partial),
    sketch: async () => null,
    switchPoints: async () => null,
    another: () => null,
    finish: async () => null,
    stop: () => undefined,
  };
}

function readAnswer(root: string, { case: id = '', maxValues }: ExplainRequest, partial: boolean): ExplainAnswer {
  try {
    const path = below(root, join(id, outputName), 'port-error');
    if (!existsSync(path))
      return partial
        ? { kind: 'skipped', reason: 'no output' }
        : { kind: 'errored', code: 'port-error', reason: 'no output; --partial skips such cases', leaked: 0 };
    const { tensors } = readSafetensors(
      readBounded(realBelow(root, join(id, outputName), 'port-error'), maxValues * 8 + headerBytes, 'port-error'),
      `${id}/${outputName}`,
    );
    return answeredElsewhere({ ...tensors });
  } catch (error) {
    return { kind: 'errored', code: 'port-error', reason: messageOf(error), leaked: 0 };
  }
}

/** An answer that was computed elsewhere: only its stages are known. */
export function answeredElsewhere(stages: Stages): Answered {
  return { kind: 'answered', stages, milliseconds: null, unrepeated: null, leaked: 0, peakBytes: null };
}

/** What the judge knows of whoever computed such an answer: nothing further can be asked about it. */
export const elsewhere: JudgedPort = {
  own: false,
  tier: 'float32',
  sketch: async () => null,
  switchPoints: async () => null,
};
