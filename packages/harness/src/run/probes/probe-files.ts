/**
 * golden/probes.json (PyTorch's answers, made by tools/golden) and golden/stock-tfjs.json (the known answers of TF.js).
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { parseJson } from '@touchstone/contract';
import { readProbesText } from '../../golden/golden-store.js';
import type { ProbeAnswer } from '@touchstone/network';
import { readText, writeWhole } from '@touchstone/system';
import { AnswerJson, answerToJson, TensorJson } from './answers.js';

const Id = z.string().regex(/^[a-z0-9-]{1,60}$/);

const Probes = z.strictObject({
  torch: z.string().max(100),
  probes: z
    .array(
      z.strictObject({
        id: Id,
        asks: z.string().max(200),
        inputs: z.record(z.string().max(60), TensorJson),
        answer: TensorJson,
      }),
    )
    .max(1000),
});
export type AskedProbe = z.output<typeof Probes>['probes'][number];

/** @throws TouchstoneError `golden-damaged`, also where the file is not the one of the manifest */
export function readProbes(golden: string): z.output<typeof Probes> {
  return parseJson(readProbesText(golden), Probes, 'probes.json', 'golden-damaged');
}

/** Backend → version of TF.js, and probe → answer. */
const Stock = z.record(Id, z.strictObject({ tfjs: z.string().max(60), answers: z.record(Id, AnswerJson) }));
export type KnownStock = z.output<typeof Stock>;

/** Without the file nothing is known. */
export function readStock(golden: string): KnownStock {
  const path = join(golden, 'stock-tfjs.json');
  return existsSync(path)
    ? parseJson(readText(path, 'golden-damaged'), Stock, 'stock-tfjs.json', 'golden-damaged')
    : {};
}

/** One answer a line. */
export function writeStock(
  golden: string,
  known: Readonly<Record<string, { readonly tfjs: string; readonly answers: Readonly<Record<string, ProbeAnswer>> }>>,
): void {
  const listed = (entries: string[], indent: string): string =>
    `{\n${entries.map((entry) => `${indent} ${entry}`).join(',\n')}\n${indent}}`;
  const backends = Object.entries(known).map(([id, { tfjs, answers }]) => {
    const lines = Object.entries(answers).map(
      ([probe, answer]) => `${JSON.stringify(probe)}: ${JSON.stringify(answerToJson(answer))}`,
    );
    return `${JSON.stringify(id)}: { "tfjs": ${JSON.stringify(tfjs)}, "answers": ${listed(lines, ' ')} }`;
  });
  writeWhole(join(golden, 'stock-tfjs.json'), `${listed(backends, '')}\n`);
}
