import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSafetensors, writeSafetensors, type HostTensor, type Stages } from '@touchstone/contract';
import { openGolden, parseCases } from './golden-store.js';
import { verifyGolden } from './golden-verify.js';
import { readNetworkFolder } from '@touchstone/session';
import {
  linearCase,
  linearSketch,
  linearStages,
  temporaryFolder,
  writeLinearGolden,
} from '../testing/linear-golden.js';
import { writeManifest } from './write-manifest.js';

const folder = temporaryFolder();
const whole = join(folder, 'whole');
writeLinearGolden(whole);

let copies = 0;
function copy(): string {
  const root = join(folder, `copy-${copies++}`);
  cpSync(whole, root, { recursive: true });
  return root;
}

function edit(path: string, change: (text: string) => string): void {
  writeFileSync(path, change(readFileSync(path, 'utf8')));
}

function flipBit(path: string, byte: number): void {
  const bytes = readFileSync(path);
  bytes[byte < 0 ? bytes.length + byte : byte]! ^= 1;
  writeFileSync(path, bytes);
}

/** The golden of case 3 with other fields in its meta, or other tensors. */
function withMeta(root: string, fields: object, change = (tensors: Stages): Stages => tensors): void {
  const path = join(root, `data/${linearCase(3).id}.safetensors`);
  const { tensors, metadata } = readSafetensors(readFileSync(path), path);
  const meta = JSON.stringify({ ...JSON.parse(metadata['touchstone']!), ...fields });
  writeFileSync(path, writeSafetensors(change(tensors), { touchstone: meta }));
  writeManifest(root, 'test');
}

const row = linearCase(3);
const golden = `data/${row.id}.safetensors`;

describe('a golden folder', () => {
  it('is read as it was written', () => {
    const store = openGolden(whole);
    expect(store.cases).toContainEqual(row);
    expect(store.readInput('x').shape).toEqual([1, 2, 3, 4]);
    expect(store.readGolden(row.id)).toMatchObject({ stages: linearStages(3), sketch: linearSketch(3) });
    expect([...verifyGolden(whole)]).toEqual([]);
  });

  const others: readonly (readonly [what: string, put: (path: string) => void])[] = [
    ['an empty file', (path) => writeFileSync(path, '')],
    ['a folder', (path) => void mkdirSync(path)],
    ['a FIFO', (path) => void spawnSync('mkfifo', [path])],
    ['nothing', () => undefined],
  ];
  it.each(others)('that has %s for a golden: its time is not known, and reading it is the error', (_, put) => {
    const root = copy();
    const store = openGolden(root);
    rmSync(join(root, golden));
    put(join(root, golden));
    expect(store.multiplyAddsOf(row.id)).toBe(0);
    expect(() => store.readGolden(row.id)).toThrow(expect.objectContaining({ code: 'golden-damaged' }));
  });

  it('may hold float32, which is compared in float64', () => {
    const root = copy();
    const narrow = ({ shape, data }: HostTensor): HostTensor => ({ shape, data: Float32Array.from(data) });
    withMeta(root, {}, (tensors) =>
      Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, narrow(tensor)])),
    );
    const { stages, sketch } = openGolden(root).readGolden(row.id);
    expect([stages, sketch]).toEqual([linearStages(3), linearSketch(3)]);
  });

  it('may be an older one, with tensors for each row of the sketch', () => {
    const root = copy();
    withMeta(root, {}, (tensors) => ({
      ...Object.fromEntries(Object.entries(tensors).filter(([name]) => !name.startsWith('sketch/'))),
      ...Object.fromEntries(
        linearSketch(3).flatMap(({ forward, gradient }, i) => [
          [`sketch/${i}/forward`, forward],
          [`sketch/${i}/gradient`, gradient!],
        ]),
      ),
    }));
    expect(openGolden(root).readGolden(row.id).sketch).toEqual(linearSketch(3));
  });

  it('may keep samples, and claimed stages with or without values', () => {
    const root = copy();
    withMeta(root, { claimed: { gradient: [1, 2, 3, 4] } });
    const { meta, stages, postconditionStages } = openGolden(root).readGolden(row.id);
    expect([Object.keys(stages), Object.keys(postconditionStages), meta.stages]).toEqual([
      ['logits', 'attribution'],
      ['gradient'],
      ['logits', 'gradient', 'attribution'],
    ]);
    expect([...verifyGolden(root)]).toEqual([]);
  });

  it.each([
    ['a bit of a golden', golden, /SHA-256/, (root: string) => flipBit(join(root, golden), -3)],
    [
      'a bit of the weights',
      'networks/linear/weights.safetensors',
      /SHA-256/,
      (root: string) => flipBit(join(root, 'networks/linear/weights.safetensors'), -1),
    ],
    ['a golden cut short', golden, /bytes/, (root: string) => edit(join(root, golden), (text) => text.slice(0, 40))],
    [
      'a file that is not listed',
      'inputs/y',
      /not in the manifest/,
      (root: string) => writeFileSync(join(root, 'inputs/y'), ''),
    ],
    [
      'a listed file that is gone',
      'inputs/z',
      /no such file/,
      (root: string) =>
        edit(join(root, 'manifest.json'), (text) =>
          text.replace(
            '"inputs/x.safetensors"',
            '"inputs/z":{"sha256":"' + '0'.repeat(64) + '","bytes":1},"inputs/x.safetensors"',
          ),
        ),
    ],
    [
      'a listed path that leaves the folder',
      '../escape',
      /leaves its folder/,
      (root: string) =>
        edit(join(root, 'manifest.json'), (text) =>
          text.replace(
            '"inputs/x.safetensors"',
            '"../escape":{"sha256":"' + '0'.repeat(64) + '","bytes":1},"inputs/x.safetensors"',
          ),
        ),
    ],
    [
      'the golden of another case',
      row.id,
      /is the golden of case/,
      (root: string) => {
        cpSync(join(root, `data/${linearCase(4).id}.safetensors`), join(root, golden));
        writeManifest(root, 'test');
      },
    ],
    [
      'a sample of another size',
      row.id,
      /of stage "gradient", \[1,2,3,4\], 8 values must be stored/,
      (root: string) => withMeta(root, { sampled: { gradient: { shape: [1, 2, 3, 4], every: 3 } } }),
    ],
    [
      'a sketch of another size',
      row.id,
      /tensor "sketch\/forward" has 3 values, its rows have 4/,
      (root: string) =>
        withMeta(root, {}, (tensors) => ({
          ...tensors,
          'sketch/forward': { shape: [3], data: tensors['sketch/forward']!.data.slice(0, 3) },
        })),
    ],
    [
      'a sampled stage that there is not',
      row.id,
      /"mood" is not one of its stages/,
      (root: string) => withMeta(root, { sampled: { mood: { shape: [1], every: 3 } } }),
    ],
    [
      'a claimed stage that does not exist',
      row.id,
      /"mood" is not one of its stages/,
      (root: string) => withMeta(root, { claimed: { mood: [1] } }),
    ],
    [
      'a network that is not one',
      'networks/linear',
      /format/,
      (root: string) => {
        edit(join(root, 'networks/linear/network.json'), (text) => text.replace('touchstone-network', 'x'));
        writeManifest(root, 'test');
      },
    ],
    ['a golden that is gone', 'golden', /needs data/, (root: string) => rmSync(join(root, golden))],
    [
      'a row cut short',
      'golden',
      /line 24.*not JSON/,
      (root: string) => edit(join(root, 'cases.jsonl'), (text) => text.slice(0, -20)),
    ],
    [
      'an error of float32 by which nothing can be judged',
      row.id,
      /stage "gradient": float32 is off by 2\.0e-4, at most 0\.0001 is allowed/,
      (root: string) =>
        withMeta(root, {
          reference: {
            logits: { e2: 0, eMax: 0 },
            gradient: { e2: 1e-6, eMax: 2e-4 },
            attribution: { e2: 1e-4, eMax: 1e-4 },
          },
        }),
    ],
    [
      'a case that is about a stage that its golden lacks',
      row.id,
      /about the stage "display", which its golden does not have/,
      (root: string) =>
        edit(join(root, 'cases.jsonl'), (text) => text.replaceAll('"about":[]', '"about":["gradient","display"]')),
    ],
  ])('with %s: found', (_, where, problem, damage) => {
    const root = copy();
    damage(root);
    const findings = [...verifyGolden(root)];
    expect(findings.map((finding) => finding.where)).toContain(where);
    expect(findings.find((finding) => finding.where === where)?.problem).toMatch(problem);
  });

  it('is not read where a hash differs', () => {
    const root = copy();
    flipBit(join(root, golden), -3);
    const store = openGolden(root);
    expect(() => store.readGolden(row.id)).toThrowError(
      expect.objectContaining({ code: 'golden-damaged', exitStatus: 5 }),
    );
    expect(store.readGolden(linearCase(4).id).meta.case).toBe(linearCase(4).id);
  });
});

describe('a row of cases.jsonl', () => {
  it.each([
    ['without a reason', { ...row, why: undefined }, /line 2: "why"/],
    ['with an unknown field', { ...row, colour: 1 }, /line 2: .*colour/],
    ['with a path as its id', { ...row, id: 'saliency/../../etc' }, /line 2: "id"/],
    ['of another method', { ...row, id: 'cam/linear/x' }, /line 2: "id": does not begin/],
    ['with a target of no kind', { ...row, target: { class: -1 } }, /line 2: "target/],
    ['that is there twice', linearCase(1), /line 2: "id": .* already in line 1/],
  ])('%s is refused', (_, bad, message) => {
    expect(() => parseCases(`${JSON.stringify(linearCase(1))}\n${JSON.stringify(bad)}\n`)).toThrowError(
      expect.objectContaining({ code: 'golden-damaged', message: expect.stringMatching(message) as string }),
    );
  });
});

describe('a network folder', () => {
  it.each([
    ['missing', () => join(folder, 'nowhere'), /no such file/],
    [
      'without weights',
      () => {
        const root = copy();
        rmSync(join(root, 'networks/linear/weights.safetensors'));
        return join(root, 'networks/linear');
      },
      /weights.safetensors: no such file/,
    ],
    [
      'with weights that are no safetensors',
      () => {
        const root = copy();
        writeFileSync(join(root, 'networks/linear/weights.safetensors'), 'x');
        return join(root, 'networks/linear');
      },
      /weights.safetensors/,
    ],
    [
      'with a network.json cut short',
      () => {
        const root = copy();
        edit(join(root, 'networks/linear/network.json'), (text) => text.slice(0, 50));
        return join(root, 'networks/linear');
      },
      /not JSON/,
    ],
  ])('that is %s is a bad network, with a remedy', (_, make, message) => {
    expect(() => readNetworkFolder(make())).toThrowError(
      expect.objectContaining({
        code: 'bad-network',
        message: expect.stringMatching(message) as string,
        hint: expect.any(String) as string,
      }),
    );
  });
});
