/** The networks of golden/ with what PyTorch computed for an image. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  CaseRow,
  GoldenMeta,
  parseJson,
  parseJsonLines,
  readSafetensors,
  type Errors,
  type HostTensor,
} from '@touchstone/contract';
import { parseNetwork, seededWeights } from '@touchstone/network';
import { z } from 'zod';
import type { AskedNetwork } from './job.js';

const golden = fileURLToPath(new URL('../../../golden/', import.meta.url));
const read = (path: string) => readSafetensors(readFileSync(`${golden}${path}`), path);

export interface GoldenLogits extends AskedNetwork {
  readonly x: HostTensor;
  /** [N,classes], float64 */
  readonly logits: HostTensor;
  /** PyTorch float32's own error. */
  readonly reference: Errors;
}

/** Of every network that a quick case has, one. */
export function goldenLogits(): GoldenLogits[] {
  const rows = parseJsonLines(readFileSync(`${golden}cases.jsonl`, 'utf8'), CaseRow, 'cases.jsonl', 'golden-damaged');
  const found = new Map<string, GoldenLogits>();
  for (const row of rows) {
    if (row.profile !== 'quick' || row.method === 'hooks' || found.has(row.network)) continue;
    const { tensors, metadata } = read(`data/${row.id}.safetensors`);
    const meta = parseJson(metadata['touchstone']!, GoldenMeta, row.id, 'golden-damaged');
    const reference = meta.reference['logits'];
    if (!reference || !tensors['logits'] || meta.sampled['logits']) continue;
    const { x } = read(`inputs/${row.input}.safetensors`).tensors;
    found.set(row.network, { ...goldenNetwork(row.network), x: x!, logits: tensors['logits'], reference });
  }
  return [...found.values()];
}

/** Of these networks, those that call functions which tf.LayersModel, and mostly ONNX, do not have here. */
export const withOtherFunctions: ReadonlySet<string> = new Set([
  'fastai-head',
  'own-forwards',
  'normalises-itself',
  'activations',
  'norms-and-paddings',
  'squeeze-excite',
  'shuffled-channels',
  'u-net',
  'map-dictionary',
  'tokens',
  'mean-tokens',
  'convnext-small',
  'swin-small',
  'swin-v2-small',
  'signal',
  'siamese',
]);

/** Those of random hook programs, without an answer. */
export function hookNetworks(): AskedNetwork[] {
  return readdirSync(`${golden}networks/hooks`).map((name) => goldenNetwork(`hooks/${name}`));
}

export function goldenNetwork(name: string): AskedNetwork {
  const folder = `${golden}networks/${name}`;
  const text = readFileSync(`${folder}/network.json`, 'utf8');
  const description = parseNetwork(parseJson(text, z.unknown(), name, 'bad-network'), name);
  const stored = existsSync(`${folder}/weights.safetensors`);
  const weights = stored
    ? read(`networks/${name}/weights.safetensors`).tensors
    : seededWeights(description, description.weights!.seed);
  return { folder, description, weights };
}
