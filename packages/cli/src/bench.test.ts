import { existsSync, readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { inProcess, interrupt } from './testing/in-process.js';
import { line, scratch, workIn } from './testing/touchstone.js';

const { folder } = scratch();
workIn(folder);

const linesOf = (file: string) =>
  readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe('bench', () => {
  test('a row per backend, drawn; interrupted, the same command resumes from the stored rows', async () => {
    const command = line`bench saliency --backend cpu --backend wasm --rounds 2 --json --rows rows.jsonl
      --history kept.jsonl --plot speed.svg`;
    // A row is in the file before it is announced, so that the end of the process costs no row.
    let announced = '';
    const cut = await inProcess(command, (text) => {
      if (!text.includes('· cpu ·')) return;
      announced = readFileSync('rows.jsonl', 'utf8');
      interrupt();
    });
    const [first, ...more] = linesOf('rows.jsonl');
    expect({ status: cut.status, rows: JSON.parse(cut.stdout) as unknown }).toEqual({
      status: 130,
      rows: first!['rows'],
    });
    expect(cut.stderr).toContain('the rows measured so far are in rows.jsonl; run the same command to resume');
    expect([more, announced, existsSync('kept.jsonl')]).toEqual([[], readFileSync('rows.jsonl', 'utf8'), false]);

    const { status, stdout, stderr } = await inProcess(command);
    expect({ status, stderr }).toEqual({ status: 0, stderr: expect.stringContaining('has 1 row already') as string });
    const rows = JSON.parse(stdout) as Record<string, unknown>[];
    expect(rows).toMatchObject(
      ['cpu', 'wasm'].map((backend) => ({
        benchmark: 'saliency',
        network: 'tiny-vgg',
        backend,
        batch: 1,
        stockImagesPerSecond: null,
        pytorchImagesPerSecond: null,
        software: false,
      })),
    );
    for (const row of rows) {
      expect(row['imagesPerSecond']).toBeGreaterThan(0);
      expect(row['peakBytes']).toBeGreaterThan(2 ** 20);
    }
    const stored = linesOf('rows.jsonl');
    expect(stored.map((line) => line['rows'])).toEqual(rows.map((row) => [row]));
    expect(stored.map((line) => line['started'])).toEqual([first!['started'], first!['started']]);
    expect(rows[0]).toEqual((first!['rows'] as unknown[])[0]);
    expect(linesOf('kept.jsonl')).toEqual([
      expect.objectContaining({ machine: expect.stringContaining('GiB') as string, rows }),
    ]);
    expect(readFileSync('speed.svg', 'utf8')).toMatch(/^<svg /);

    const again = await inProcess(command);
    expect({ status: again.status, rows: JSON.parse(again.stdout) as unknown }).toEqual({ status: 0, rows });
    expect(linesOf('rows.jsonl')).toEqual(stored);
  });

  test('interrupted before anything is measured, it prints an empty array', async () => {
    let isFirst = true;
    const { status, stdout } = await inProcess(line`bench saliency --backend cpu --json`, () => {
      if (isFirst) interrupt();
      isFirst = false;
    });
    expect({ status, rows: JSON.parse(stdout) as unknown }).toEqual({ status: 130, rows: [] });
  });

  test('stored rows for services that track benchmarks, without measuring', async () => {
    const row = { benchmark: 'saliency', network: 'n', backend: 'cpu', batch: 1, imagesPerSecond: 5 };
    const [rows, github, bencher] = ['stored.json', 'github.json', 'bencher.json'].map((name) => join(folder, name));
    await writeFile(rows!, JSON.stringify([row]));
    const { status } = await inProcess(line`bench --from ${rows!} --github-benchmark ${github!} --bencher ${bencher!}`);
    expect(status).toBe(0);
    const name = 'saliency/n/cpu/batch-1';
    expect(JSON.parse(await readFile(github!, 'utf8'))).toMatchObject([{ name, unit: 'images/s', value: 5 }]);
    expect(JSON.parse(await readFile(bencher!, 'utf8'))).toEqual({ [name]: { throughput: { value: 5 } } });
  });

  test('the gate refuses a file from another machine', async () => {
    const row = {
      benchmark: 'saliency',
      network: 'tiny-vgg',
      backend: 'cpu',
      batch: 1,
      imagesPerSecond: 1e6,
      milliseconds: [0.001, 0.001, 0.001],
    };
    await writeFile(
      join(folder, 'elsewhere.json'),
      JSON.stringify([{ ...row, versions: { machine: 'another machine', controlMs: 1 } }]),
    );
    const { status, stderr } = await inProcess(line`gate --base elsewhere.json --benchmark saliency --backend cpu`);
    expect(stderr).toMatch(/bad-input: the base was measured on another machine/);
    expect(status).toBe(64);
  });
});
