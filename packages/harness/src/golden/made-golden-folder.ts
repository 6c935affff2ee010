/** A golden folder for a network and an image that golden/ does not have; its goldens are made in float64. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { singleBackend } from '@touchstone/backends';
import { messageOf, writeSafetensors, type CaseRow, type HostTensor, type Stages } from '@touchstone/contract';
import type { Method } from '@touchstone/methods';
import { openChildSession, type NetworkFolder } from '@touchstone/session';
import { machine } from '@touchstone/system';
import { makeGolden } from '../judge/made-golden.js';
import { Oracle } from '../judge/oracle.js';
import { exportNetwork } from './export-network.js';
import type { Golden } from './golden-file.js';
import { sketchTensors } from './sketch-tensors.js';
import { fileName, ownCase, requestOf, rowOf, type Asked, type NotMade } from './own-cases.js';
import { writeManifest } from './write-manifest.js';

export interface OwnCases extends Asked {
  readonly network: NetworkFolder;
  /** [N,C,H,W], preprocessed */
  readonly x: HostTensor;
  /** What is asked of the network. */
  readonly methods: readonly Method[];
}

export interface MakeOptions {
  /** Limit for one run in float64. */
  readonly deadlineMs: number;
  readonly signal?: AbortSignal | undefined;
  readonly onStep?: ((step: string, done: number, total: number) => void) | undefined;
}

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
  const name = fileName(network.description.name, 'network');
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
        rows.push({
          ...rowOf(own, input, request.target, { ...request.params }),
          ...(method.fixtures.length > 0 && { fixture: method.id }),
        });
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

function asFile({ meta, stages, sketch, flips, reach = {} }: Golden): Uint8Array {
  const tensors: Stages = { ...stages, ...sketchTensors(sketch) };
  for (const [i, flip] of flips.entries())
    for (const [stage, tensor] of Object.entries(flip)) tensors[`flip/${i}/${stage}`] = tensor;
  for (const [stage, tensor] of Object.entries(reach)) tensors[`reach/${stage}`] = tensor;
  return writeSafetensors(tensors, { touchstone: JSON.stringify(meta) });
}
