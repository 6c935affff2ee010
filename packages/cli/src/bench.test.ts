import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { inProcess } from './testing/in-process.js';
import { line, scratch } from './testing/touchstone.js';

const { folder, touchstone } = scratch();

describe('bench', () => {
  test('one row per backend, kept and drawn', async () => {
    const { status, stdout, stderr } = await touchstone(
      line`bench saliency --backend cpu --backend wasm --rounds 2 --json --history kept.jsonl
      --plot speed.svg`,
    );
    expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
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
    const lines = (await readFile(join(folder, 'kept.jsonl'), 'utf8')).trim().split('\n');
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0]!)).toMatchObject({ machine: expect.stringContaining('GiB') as string, rows });
    expect(await readFile(join(folder, 'speed.svg'), 'utf8')).toMatch(/^<svg /);
  });

  test.each(['SIGINT', 'SIGKILL'] as const)(
    'after %s: the same command resumes from the stored rows',
    async (signal) => {
      const file = `rows-${signal}.jsonl`;
      const lines = async (): Promise<Record<string, unknown>[]> =>
        (await readFile(join(folder, file), 'utf8'))
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line) as Record<string, unknown>);
      const command = line`bench saliency --backend cpu --backend wasm --rounds 2 --json --rows ${file}`;
      const cut = await touchstone(command, (child) =>
        child.stderr!.on('data', (text: Buffer) => text.includes('· cpu ·') && child.kill(signal)),
      );
      const [first, ...more] = await lines();
      expect(more).toEqual([]);
      if (signal === 'SIGINT') {
        expect(cut.status).toBe(130);
        expect(JSON.parse(cut.stdout)).toEqual(first!['rows']);
        expect(cut.stderr).toContain(`the rows measured so far are in ${file}; run the same command to resume`);
      }
      const whole = await touchstone(command);
      expect(whole).toMatchObject({ status: 0, stderr: expect.stringContaining('has 1 row already') as string });
      const rows = JSON.parse(whole.stdout) as unknown[];
      const kept = await lines();
      expect(kept.map((line) => line['rows'])).toEqual(rows.map((row) => [row]));
      expect(kept.map((line) => line['started'])).toEqual([first!['started'], first!['started']]);
      expect(rows[0]).toEqual((first!['rows'] as unknown[])[0]);
      if (signal === 'SIGKILL') return;
      const again = await touchstone(command);
      expect({ status: again.status, rows: JSON.parse(again.stdout) as unknown }).toEqual({ status: 0, rows });
      expect(await lines()).toEqual(kept);
    },
  );

  test('interrupted before anything is measured, it prints an empty array', async () => {
    const { status, stdout } = await touchstone(line`bench saliency --backend cpu --json`, (child) =>
      child.stderr!.once('data', () => child.kill('SIGINT')),
    );
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
    const { status, stderr } = await touchstone(line`gate --base elsewhere.json --benchmark saliency --backend cpu`);
    expect(stderr).toMatch(/bad-input: the base was measured on another machine/);
    expect(status).toBe(64);
  });
});
