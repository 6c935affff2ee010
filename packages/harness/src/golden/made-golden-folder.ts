/** A golden folder for a network and an image that golden/ does not have; its goldens are made in float64. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { singleBackend } from '@touchstone/backends';
import {
  messageOf,
  TouchstoneError,
  writeSafetensors,
  type CaseRow,
  type HostTensor,
  type NetworkDescription,
  type Stages,
} from '@touchstone/contract';
import { findMethod, normalNumbers, type AskedTarget, type Method } from '@touchstone/methods';
import { openChildSession, type ExplainRequest, type NetworkFolder } from '@touchstone/session';
import { machine } from '@touchstone/system';
import { makeGolden, type MadeGolden } from '../judge/made-golden.js';
import { Oracle } from '../judge/oracle.js';
import { exportNetwork } from './export-network.js';
import type { Golden } from './golden-store.js';
import { writeManifest } from './write-manifest.js';

export interface OwnCases {
  readonly network: NetworkFolder;
  /** [N,C,H,W], preprocessed */
  readonly x: HostTensor;
  readonly target: AskedTarget;
  /** What is asked of the network. */
  readonly methods: readonly Method[];
  /** By the id of the method. */
  readonly params: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

export interface MakeOptions {
  /** Limit for one run in float64. */
  readonly deadlineMs: number;
  readonly signal?: AbortSignal | undefined;
  readonly onStep?: ((step: string, done: number, total: number) => void) | undefined;
}

/** What a case of a method on a network of the user's own is called. */
export type OwnCase = Pick<CaseRow, 'id' | 'method' | 'network'>;

/** A method that has no answer on this network. */
export interface NotMade extends OwnCase {
  readonly reason: string;
}

export function ownCase({ id: method }: Method, description: NetworkDescription): OwnCase {
  const network = nameOf(description.name);
  return { id: `${method}/${network}/${input}`, method, network };
}

/** Few, so that float64 takes seconds. */
const samples = 8;
const input = 'x';

/**
 * Writes cases.jsonl, the network, the input, drawn noise and the goldens below `root`, which is empty.
 *
 * @throws TouchstoneError where no method has an answer, the reason of the first
 */
export async function writeMadeGoldens(
  root: string,
  { network, x, target, methods, params }: OwnCases,
  { deadlineMs, signal, onStep }: MakeOptions,
): Promise<NotMade[]> {
  const name = nameOf(network.description.name);
  const write = (path: string, content: string | Uint8Array): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  };
  const networkFolder = join(root, 'networks', name);
  exportNetwork(network.folder, networkFolder, writeFileSync);
  write(`inputs/${input}.safetensors`, writeSafetensors({ x }));
  const oracle = new Oracle({ deadlineMs, signal });
  const single = await openChildSession({ backend: singleBackend.id }, { signal });
  const rows: CaseRow[] = [];
  const notMade: NotMade[] = [];
  try {
    for (const [index, method] of methods.entries()) {
      onStep?.(`making the golden of ${method.id} in float64`, index, methods.length);
      const own = ownCase(method, network.description);
      const asked = requestOf(method, networkFolder, { x, target, params });
      try {
        const { golden, request } = await makeGolden(own.id, asked, network.description, { oracle, single });
        write(`data/${own.id}.safetensors`, asFile(golden));
        if (method.fixtures.length > 0) write(`fixtures/${method.id}.safetensors`, writeSafetensors(asked.fixtures));
        rows.push(rowOf(own, method, request));
      } catch (error) {
        signal?.throwIfAborted();
        notMade.push({ ...own, reason: messageOf(error) });
        if (methods.length === notMade.length) throw error;
      }
    }
  } finally {
    oracle.stop();
    await single.close();
  }
  write('cases.jsonl', rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  writeManifest(root, machine());
  return notMade;
}

function requestOf(
  method: Method,
  networkFolder: string,
  { x, target, params }: Pick<OwnCases, 'x' | 'target' | 'params'>,
): ExplainRequest {
  return {
    method: method.id,
    networkFolder,
    x,
    target,
    params: paramsOf(method, params),
    fixtures: drawnFor(method, x),
    maxValues: Infinity,
  };
}

function rowOf(own: OwnCase, { id, fixtures }: Method, request: MadeGolden['request']): CaseRow {
  return {
    ...own,
    input,
    ...(fixtures.length > 0 && { fixture: id }),
    target: request.target,
    params: { ...request.params },
    profile: 'quick',
    sampled: false,
    about: [],
    why: 'a network of your own, judged with a golden made in float64',
  };
}

/** Methods whose answer on one image can be judged number by number. @param ids undefined: all */
export function ownMethods(all: readonly Method[], ids: readonly string[] | undefined): Method[] {
  const isPossible = ({ iterated, fixtures }: Method): boolean =>
    !iterated && fixtures.every((name) => name === 'noise');
  if (ids === undefined) return all.filter((method) => isPossible(method) && method.image !== null);
  return [...new Set(ids)].map((id) => {
    const method = findMethod(id);
    if (isPossible(method)) return method;
    throw new TouchstoneError(
      'usage',
      `${id} cannot be judged on a network of your own: its answer is not compared number by number`,
      'Judge it on the networks of golden/, without --image and --input.',
    );
  });
}

/** With the samples that `drawnFor` draws. */
function paramsOf({ id, fixtures }: Method, params: OwnCases['params']): Record<string, unknown> {
  return { ...(fixtures.includes('noise') && { samples }), ...params[id] };
}

function drawnFor({ fixtures }: Method, { shape, data }: HostTensor): Record<string, HostTensor> {
  if (!fixtures.includes('noise')) return {};
  return { noise: { shape: [samples, ...shape], data: normalNumbers(samples * data.length, 0, 0) } };
}

function asFile({ meta, stages, sketch, flips, reach = {} }: Golden): Uint8Array {
  const tensors: Stages = { ...stages };
  for (const [i, { forward, gradient }] of sketch.entries()) {
    tensors[`sketch/${i}/forward`] = forward;
    if (gradient !== null) tensors[`sketch/${i}/gradient`] = gradient;
  }
  for (const [i, flip] of flips.entries())
    for (const [stage, tensor] of Object.entries(flip)) tensors[`flip/${i}/${stage}`] = tensor;
  for (const [stage, tensor] of Object.entries(reach)) tensors[`reach/${stage}`] = tensor;
  return writeSafetensors(tensors, { touchstone: JSON.stringify(meta) });
}

/** A name for files. */
function nameOf(name: string): string {
  return (
    name
      .replaceAll(/[^\w.-]+/g, '-')
      .replace(/^[.-]+/, '')
      .slice(0, 60) || 'network'
  );
}
