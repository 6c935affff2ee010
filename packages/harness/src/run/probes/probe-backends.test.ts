/** Every available backend in a separate process, TF.js with its own gradients. */
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Manifest } from '@touchstone/contract';
import { sha256 } from '@touchstone/system';
import { acceptStock, probeBackends, probingToJson, type Probing } from './probe-backends.js';

const golden = fileURLToPath(new URL('../../../../../golden/', import.meta.url));
const everywhere = new Set(['cpu', 'wasm', 'float64']);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'touchstone-probes-'));
  for (const name of ['manifest.json', 'probes.json', 'stock-tfjs.json'])
    await copyFile(join(golden, name), join(folder, name));
});
afterAll(() => rm(folder, { recursive: true }));

describe('on every backend of this machine', () => {
  let probing: Probing;
  beforeAll(async () => {
    probing = await probeBackends(golden);
  });
  const findings = () =>
    probing.backends.flatMap(({ id, findings: found }) => found.map((finding) => ({ backend: id, ...finding })));

  it('probes those that every machine has, and gives the reason for the others', () => {
    for (const { id, reason, findings: found } of probing.backends) {
      if (everywhere.has(id)) expect(reason, id).toBeNull();
      expect(found.length > 0, id).toBe(reason === null);
    }
  });

  it("ours gives PyTorch's answer to every probe", () => {
    expect(findings().filter(({ oursAgrees }) => !oursAgrees)).toEqual([]);
  });

  // If not, a release has changed it: run doctor --probes --accept.
  it('stock TF.js gives the answers in golden/stock-tfjs.json', () => {
    expect(findings().filter(({ changed }) => changed)).toEqual([]);
    expect(findings().filter(({ backend, known }) => everywhere.has(backend) && known === null)).toEqual([]);
  });

  it('stock TF.js differs from PyTorch where ports fail', () => {
    const differing = (backend: string) =>
      findings()
        .filter((finding) => finding.backend === backend && !finding.stockAgrees)
        .map(({ probe }) => probe);
    expect(differing('cpu')).toEqual(
      expect.arrayContaining(['max-pool-ceil-gradient', 'relu6-gradient', 'norm-of-zero', 'adam']),
    );
    expect(differing('wasm')).toEqual(
      expect.arrayContaining(['max-pool-ties', 'convolution-kernel-gradient', 'bilinear-gradient']),
    );
    expect(differing('cpu')).not.toContain('max-pool-ties');
  });

  it('is JSON', () => {
    expect(JSON.stringify(probingToJson(probing))).toContain('["NaN","NaN","NaN"]');
  });
});

it('a change is a finding, until it is accepted; known answers of other backends stay', async () => {
  const path = join(folder, 'stock-tfjs.json');
  const known = JSON.parse(await readFile(path, 'utf8')) as Record<
    string,
    { tfjs: string; answers: Record<string, unknown> }
  >;
  known['cpu'] = { tfjs: '4.21.0', answers: { ...known['cpu']!.answers, 'max-ties': { shape: [3], data: [1, 0, 0] } } };
  delete known['cpu'].answers['adam'];
  await writeFile(path, JSON.stringify(known));

  const changed = await probeBackends(folder, { ids: ['cpu'] });
  expect(changed.backends[0]).toMatchObject({ tfjs: '4.22.0', knownTfjs: '4.21.0' });
  expect(changed.backends[0]!.findings.filter((finding) => finding.changed).map(({ probe }) => probe)).toEqual([
    'max-ties',
  ]);
  expect(changed.backends[0]!.findings.filter((finding) => finding.known === null).map(({ probe }) => probe)).toEqual([
    'adam',
  ]);

  acceptStock(folder, changed);
  expect(await readFile(path, 'utf8')).toBe(await readFile(join(golden, 'stock-tfjs.json'), 'utf8'));
});

/** In the manifest too. */
async function writeProbes(text: string): Promise<void> {
  const manifest = JSON.parse(await readFile(join(golden, 'manifest.json'), 'utf8')) as Manifest;
  const files = { ...manifest.files, 'probes.json': { bytes: Buffer.byteLength(text), sha256: sha256(text) } };
  await writeFile(join(folder, 'manifest.json'), JSON.stringify({ ...manifest, files }));
  await writeFile(join(folder, 'probes.json'), text);
}

it('answers of PyTorch that are not those of the manifest are golden-damaged', async () => {
  await writeFile(join(folder, 'probes.json'), `${await readFile(join(golden, 'probes.json'), 'utf8')} `);
  await expect(probeBackends(folder, { ids: [] })).rejects.toMatchObject({
    code: 'golden-damaged',
    message: expect.stringMatching(/probes\.json has \d+ bytes, the manifest says/) as string,
  });
});

it('a probe without code is a reason, not a pass', async () => {
  await writeProbes((await readFile(join(golden, 'probes.json'), 'utf8')).replace('"max-ties"', '"max-tie"'));
  const { backends } = await probeBackends(folder, { ids: ['cpu'] });
  expect(backends).toEqual([
    { id: 'cpu', reason: expect.stringContaining('"max-tie"'), tfjs: null, knownTfjs: '4.22.0', findings: [] },
  ]);
});

it.each([
  {
    file: 'probes.json',
    text:
      '{"torch": "2", "probes": [{"id": "a", "asks": "b", "inputs": {"x": {"shape": [2], "data": [1]}}, ' +
      '"answer": {"shape": [], "data": [1]}}]}',
  },
  { file: 'probes.json', text: '{"torch": ' },
  { file: 'stock-tfjs.json', text: '{"cpu": {"tfjs": "4.22.0", "answers": {"max-ties": 7}}}' },
])('a damaged $file is golden-damaged', async ({ file, text }) => {
  await writeProbes(file === 'probes.json' ? text : await readFile(join(golden, 'probes.json'), 'utf8'));
  if (file !== 'probes.json') await writeFile(join(folder, file), text);
  await expect(probeBackends(folder, { ids: [] })).rejects.toMatchObject({
    code: 'golden-damaged',
    message: expect.stringContaining(file),
  });
});
