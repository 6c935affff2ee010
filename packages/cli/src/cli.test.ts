/** The real command as a child process, as people and CI run it. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  CaseRow,
  compareTensors,
  parseJsonLines,
  readSafetensors,
  ResultLine,
  writeSafetensors,
} from '@touchstone/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const bin = fileURLToPath(new URL('../bin/touchstone.mjs', import.meta.url));
const golden = fileURLToPath(new URL('../../../golden', import.meta.url));
const network = join(golden, 'networks/tiny-vgg');
const input = join(golden, 'inputs/cat-32.safetensors');
const cat = join(golden, 'inputs/pictures/cat.png');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'touchstone-cli-'));
  await writeFile(join(folder, 'text.png'), 'not a picture');
  await writeFile(join(folder, 'text.safetensors'), 'not tensors at all, but long enough');
  await writeFile(join(folder, 'other.safetensors'), writeSafetensors({ y: { shape: [1], data: Float32Array.of(1) } }));
  await mkdir(join(folder, 'broken-network'));
  await copyFile(join(network, 'network.json'), join(folder, 'broken-network/network.json'));
  await writeFile(join(folder, 'broken-network/weights.safetensors'), 'cut');
  await mkdir(join(folder, 'empty'));
});
afterAll(() => rm(folder, { recursive: true }));

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** In the scratch folder; `during` is given the child. */
function touchstone(args: readonly string[], during?: (child: ReturnType<typeof spawn>) => void): Promise<Ended> {
  const child = spawn(process.execPath, [bin, ...args], { cwd: folder, env: { ...process.env, DEBUG: '' } });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (text: Buffer) => (stdout += text.toString()));
  child.stderr.on('data', (text: Buffer) => (stderr += text.toString()));
  during?.(child);
  return new Promise((resolve) => child.on('close', (status) => resolve({ status, stdout, stderr })));
}

const attribute = ['attribute', 'saliency', '--network', network];

describe('what cannot be done says so, with a code, a remedy and exit status 64', () => {
  test.each([
    { args: [], says: /Usage: touchstone/ },
    { args: ['verfy'], says: /unknown command.*\n.*verify/ },
    { args: ['verify', '--bakend', 'cpu'], says: /unknown option.*\n.*--backend/ },
    { args: ['verify', '--profile', 'fast'], says: /quick, full/ },
    {
      args: ['verify', '--case', 'saliency/tiny-vgg/cat32'],
      says: /unknown-name: unknown case.*\n.*Did you mean "saliency\/tiny-vgg\/cat-32"/,
    },
    { args: ['verify', '--method', 'gradcam'], says: /unknown-name: unknown method.*\n.*Did you mean "grad-cam"/ },
    { args: ['verify', '--backend', 'wsm'], says: /unknown-name: unknown backend.*\n.*Did you mean "wasm"/ },
    { args: ['verify', '--shard', '3/2'], says: /--shard 3\/2/ },
    { args: ['verify', '--deadline', 'soon'], says: /usage: "soon" is no number of seconds.*\n.*--deadline 900/ },
    { args: ['verify', '--deadline', '0'], says: /usage: "0" is no number of seconds/ },
    { args: ['doctor', '--accept'], says: /usage: --accept .*\n.*doctor --probes --accept/ },
    { args: ['verify', '--port', './a.mjs', '--outputs', 'empty'], says: /usage: .*exclude each other/ },
    { args: ['verify', '--outputs', 'nowhere'], says: /usage: no such folder: nowhere/ },
    { args: ['verify', '--case', 'saliency/tiny-vgg/cat-32', '--report', 'text.png'], says: /bad-input: .*text\.png/ },
    {
      args: ['attribute', 'salency', '--network', network],
      says: /unknown-name: unknown method.*\n.*Did you mean "saliency"/,
    },
    {
      args: ['attribute', 'saliency', '--network', 'tiny-vg', '--image', cat],
      says: /unknown-name: unknown network.*\n.*Did you mean "tiny-vgg"/,
    },
    {
      args: ['attribute', 'saliency', '--network', './empty', '--image', cat],
      says: /bad-network: \.\/empty holds no network\.json/,
    },
    {
      args: ['attribute', 'saliency', '--network', './broken-network', '--image', cat],
      says: /bad-network: .*weights\.safetensors/,
    },
    { args: [...attribute, '--input', input, '--backend', 'wasn'], says: /unknown-name: unknown backend/ },
    { args: attribute, says: /usage: one of --image and --input is needed for saliency/ },
    { args: [...attribute, '--image', cat, '--input', input], says: /usage: one of --image and --input/ },
    { args: [...attribute, '--image', 'nowhere.png'], says: /bad-picture: nowhere\.png: no such picture/ },
    { args: [...attribute, '--image', 'text.png'], says: /bad-picture: text\.png: not a JPEG/ },
    { args: [...attribute, '--input', 'nowhere.safetensors'], says: /bad-tensors: nowhere\.safetensors: no such file/ },
    { args: [...attribute, '--input', 'text.safetensors'], says: /bad-tensors: text\.safetensors/ },
    { args: [...attribute, '--input', 'other.safetensors'], says: /bad-tensors: .*no tensor "x"/ },
    {
      args: [...attribute, '--input', join(golden, 'inputs/cat-28.safetensors')],
      says: /bad-tensors: .*takes \[N,3,32,32\]/,
    },
    {
      args: [...attribute, '--input', input, '--input', input],
      says: /bad-tensors: .*cat-32\.safetensors: a tensor "x" is in another --input too/,
    },
    {
      args: [...attribute, '--input', input, '--target', '10'],
      says: /usage: --target 10: the network has classes 0 to 9/,
    },
    { args: [...attribute, '--input', input, '--target', '{"class": -1}'], says: /usage: --target/ },
    {
      args: [...attribute, '--input', input, '--target', '{"sum":[{"head":"yaw","expectation":"3·i−90"}]}'],
      says: /usage: --target: the network has no output "yaw".*\n.*one output/,
    },
    {
      args: ['attribute', 'saliency', '--network', 'head-pose-narrow', '--image', cat],
      says: /usage: the network has several outputs: yaw, pitch, roll/,
    },
    { args: [...attribute, '--input', input, '--frames', 'all'], says: /usage: "all" is no whole number/ },
    { args: [...attribute, '--input', input, '--workers', '0'], says: /usage: --workers 0/ },
    {
      args: [...attribute, '--input', input, '--backend', 'cuda', '--workers', '2'],
      says: /usage: --workers 2: cuda .*\n.*leave --workers out/,
    },
    { args: [...attribute, '--input', input, '--set', 'reduce'], says: /usage: --set "reduce" is not key=value/ },
    { args: [...attribute, '--input', input, '--set', 'reduce=nne'], says: /bad-params: .*"reduce"/ },
    { args: [...attribute, '--input', input, '--out', 'map.jpg'], says: /usage: --out map\.jpg/ },
    { args: ['bench', 'smooth-gard'], says: /unknown-name: unknown benchmark.*\n.*Did you mean "smooth-grad"/ },
    { args: ['bench', 'smooth-grad', '--network', 'vgg16'], says: /unknown-name: unknown network.*\n.*vgg16-224/ },
    { args: ['bench', 'saliency', '--backend', 'wsm'], says: /unknown-name: unknown backend.*\n.*Did you mean "wasm"/ },
    { args: ['bench', 'conv-gradient', '--backend', 'cpu'], says: /usage: conv-gradient runs on wasm only/ },
    { args: ['bench', 'saliency', '--rounds', '0'], says: /usage: --rounds 0/ },
    { args: ['bench', '--from', 'nowhere.json', '--plot', 'a.svg'], says: /bad-input: .*nowhere\.json: no such file/ },
    { args: ['bench', '--from', 'text.png', '--plot', 'a.svg'], says: /bad-input: text\.png, line 1 is not JSON/ },
    { args: ['bench', '--from', 'empty', '--plot', 'a.svg'], says: /bad-input: empty is not a file/ },
    { args: ['bench', 'saliency', '--rows', 'text.png'], says: /bad-input: text\.png, line 1 is not JSON/ },
    { args: ['bench', 'saliency', '--rows', 'empty'], says: /bad-input: empty is not a file/ },
    { args: ['bench', '--from', 'text.png'], says: /usage: --from .* needs --plot/ },
    { args: ['gate'], says: /required option '--base/ },
    {
      args: ['gate', '--base', 'no-such-commit'],
      says: /usage: --base no-such-commit is neither a commit of this repository nor a file/,
    },
    {
      args: ['gate', '--base', 'HEAD', '--benchmark', 'salency'],
      says: /unknown-name: unknown method.*\n.*Did you mean "saliency"/,
    },
    {
      args: ['gate', '--base', 'text.png', '--benchmark', 'saliency', '--backend', 'cpu'],
      says: /bad-input: text\.png/,
    },
    {
      args: ['golden', 'regen', '--python', './no-python'],
      says: /usage: .*no-python cannot be started.*\n.*--python/,
    },
  ])('touchstone $args', async ({ args, says }) => {
    const { status, stdout, stderr } = await touchstone(args);
    expect(stderr).toMatch(says);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect({ status, stdout }).toEqual({ status: 64, stdout: '' });
  });
});

test('--help is no error', async () => {
  const { status, stdout } = await touchstone(['verify', '--help']);
  expect(status).toBe(0);
  for (const option of [
    'backend',
    'method',
    'network',
    'case',
    'profile',
    'port',
    'shard',
    'require',
    'report',
    'json',
    'export',
    'outputs',
  ])
    expect(stdout).toContain(`--${option} `);
});

test('a golden folder that is not one: status 5', async () => {
  const { status, stderr } = await touchstone(['verify', '--golden', 'empty']);
  expect({ status, stderr }).toEqual({ status: 5, stderr: expect.stringMatching(/golden-damaged: .*manifest\.json/) });
});

describe('verify', () => {
  test('a case on a backend: lines as published, the results folder, status 0', async () => {
    const { status, stdout } = await touchstone([
      'verify',
      '--case',
      'saliency/tiny-vgg/cat-32',
      '--backend',
      'cpu,wasm',
      '--json',
      '-',
      '--report',
      'one',
    ]);
    const [header, cpu, wasm, footer, ...rest] = parseJsonLines(stdout, ResultLine, 'stdout');
    expect(header).toMatchObject({
      kind: 'header',
      port: { name: 'touchstone' },
      backends: [{ id: 'cpu', precision: 'float32' }, { id: 'wasm' }],
    });
    expect([cpu, wasm]).toMatchObject(
      ['cpu', 'wasm'].map((backend) => ({
        kind: 'outcome',
        case: 'saliency/tiny-vgg/cat-32',
        method: 'saliency',
        network: 'tiny-vgg',
        backend,
        status: 'passed',
      })),
    );
    expect(footer).toMatchObject({ kind: 'footer', passed: 2, failed: 0, skipped: 0, errored: 0 });
    expect([status, rest]).toEqual([0, []]);
    expect(await readFile(join(folder, 'one/results.ndjson'), 'utf8')).toBe(stdout);
    const page = await readFile(join(folder, 'one/index.html'), 'utf8');
    const pictures = [...page.matchAll(/src="([^"]+)"/g)].map((match) => join(folder, 'one', match[1]!));
    expect(pictures).toHaveLength(2);
    for (const picture of pictures) expect((await readFile(picture)).subarray(1, 4).toString()).toBe('PNG');
  });

  test('the table on stdout, the lines in a file', async () => {
    const { status, stdout } = await touchstone([
      'verify',
      '--case',
      'grad-cam/tiny-vgg/cat-32',
      '--backend',
      'wasm',
      '--json',
      'lines.ndjson',
      '--report',
      'two',
    ]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^method +wasm\ngrad-cam +✓ 1 \([\d.e-]+\)\n/);
    expect(stdout).toMatch(/^wasm +1 +0 +0 +0 +[\d.e-]+ +grad-cam\/tiny-vgg\/cat-32/m);
    expect(stdout).toMatch(
      /1 passed, 0 failed, 0 skipped, 0 errored in .* s\npictures and numbers: two.index\.html\n$/,
    );
    expect(parseJsonLines(await readFile(join(folder, 'lines.ndjson'), 'utf8'), ResultLine, 'lines')).toHaveLength(3);
  });

  test('a wrong port: status 1, and a failure that says what, why and how to replay', async () => {
    await writeFile(
      join(folder, 'wrong.mjs'),
      `export default { name: 'wrong', version: '1', methods: { saliency: async ({ inputs }) => ({ attribution: { shape: [1, 1, 32, 32], data: new Float32Array(1024) } }) } };`,
    );
    const { status, stdout } = await touchstone([
      'verify',
      '--case',
      'saliency/tiny-vgg/cat-32',
      '--port',
      './wrong.mjs',
      '--report',
      'three',
    ]);
    expect(status).toBe(1);
    expect(stdout).toMatch(/✗ saliency\/tiny-vgg\/cat-32 on wrong: differs from the golden at stage "attribution"/);
    expect(stdout).toContain('why this case exists: ');
    expect(stdout).toContain('replay: npx touchstone verify --case saliency/tiny-vgg/cat-32 --port ./wrong.mjs');
  });

  test('an export without outputs: skipped, nothing judged, status 4', async () => {
    const only = ['--case', 'saliency/tiny-vgg/cat-32'];
    expect(await touchstone(['verify', ...only, '--export', 'exported'])).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^1 cases written to exported/),
    });
    expect((await readdir(join(folder, 'exported'))).toSorted()).toEqual(['cases.jsonl', 'inputs', 'networks']);
    expect(await touchstone(['verify', ...only, '--outputs', 'exported', '--report', 'four'])).toMatchObject({
      status: 4,
      stdout: expect.stringContaining('1 skipped on outputs: no output'),
    });
  });

  test('Ctrl-C: status 130, no results that look complete', async () => {
    const ended = await touchstone(['verify', '--profile', 'full', '--backend', 'cpu', '--report', 'cut'], (child) => {
      const waiting = setInterval(() => {
        if (!existsSync(join(folder, 'cut/results.partial.ndjson'))) return;
        clearInterval(waiting);
        child.kill('SIGINT');
      }, 50);
      child.on('close', () => clearInterval(waiting));
    });
    expect(ended).toMatchObject({
      status: 130,
      stdout: '',
      stderr: expect.stringContaining('touchstone: interrupted'),
    });
    expect(await readdir(join(folder, 'cut'))).not.toContain('results.ndjson');
    expect(await readdir(join(folder, 'cut'))).not.toContain('index.html');
  });
});

describe('attribute', () => {
  test('tensors in, every stage and a picture out: the golden within float32', async () => {
    const row = parseJsonLines(await readFile(join(golden, 'cases.jsonl'), 'utf8'), CaseRow, 'cases').find(
      ({ id }) => id === 'saliency/tiny-vgg/cat-32',
    );
    const { class: target } = row!.target as { class: number };
    const { status, stdout } = await touchstone([
      ...attribute,
      '--input',
      input,
      '--target',
      String(target),
      '--backend',
      'cpu',
      '--set',
      'reduce=none',
      '--out',
      'deep/stages.safetensors',
      '--out',
      'map.png',
      '--json',
    ]);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      method: 'saliency',
      network: 'tiny-vgg',
      backend: 'cpu',
      files: ['deep/stages.safetensors', 'map.png'],
      images: [
        {
          image: 0,
          target,
          top: expect.arrayContaining([{ class: expect.any(Number), name: null, probability: expect.any(Number) }]),
        },
      ],
    });
    const { tensors } = readSafetensors(await readFile(join(folder, 'deep/stages.safetensors')), 'stages');
    expect(Object.keys(tensors).toSorted()).toEqual(['attribution', 'gradient', 'logits']);
    expect(tensors['attribution']!.shape).toEqual([1, 3, 32, 32]);
    const expected = readSafetensors(
      await readFile(join(golden, 'data/saliency/tiny-vgg/cat-32.safetensors')),
      'golden',
    ).tensors;
    for (const stage of ['logits', 'gradient'])
      expect(compareTensors(tensors[stage]!, expected[stage]!).e2).toBeLessThan(1e-5);
    expect(await readdir(join(folder, 'deep'))).toEqual(['stages.safetensors']);
  });

  test('a picture in: names and probabilities of the top classes, and the map over the picture', async () => {
    const { status, stdout } = await touchstone([
      'attribute',
      'grad-cam',
      '--network',
      'efficientnet-lite0',
      '--image',
      cat,
    ]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/282 +tiger cat +\d+\.\d %/);
    expect(stdout).toContain('explained: class 282, tiger cat');
    expect(stdout).toContain('grad-cam.png  the map over the picture\ngrad-cam.map.png  the map alone');
    for (const name of ['grad-cam.png', 'grad-cam.map.png'])
      expect((await readFile(join(folder, name))).length).toBeGreaterThan(1000);
  });
});

test('workers share the samples of smooth-grad and the pictures of a batch, and change no bit', async () => {
  const batch = join(golden, 'inputs/batch-32.safetensors');
  for (const [method, file, ...set] of [
    ['smooth-grad', input, '--set', 'samples=12'],
    ['saliency', batch],
  ] as [string, string, ...string[]][]) {
    for (const workers of [1, 2]) {
      const { status, stderr } = await touchstone([
        'attribute',
        method,
        '--network',
        network,
        '--input',
        file,
        '--target',
        '5',
        ...set,
        '--workers',
        String(workers),
        '--out',
        `${workers}.safetensors`,
      ]);
      expect({ status, stderr }).toEqual({
        status: 0,
        stderr: expect.stringMatching(workers === 2 ? /on wasm, 2 workers took/ : /on wasm took/),
      });
    }
    const [one, two] = await Promise.all([1, 2].map((workers) => readFile(join(folder, `${workers}.safetensors`))));
    expect(two!.equals(one!)).toBe(true);
  }
});

test('tensors and fixtures from two files: an embedding in the colours of its labels', async () => {
  const { status, stdout } = await touchstone([
    'attribute',
    't-sne',
    '--network',
    'digits',
    '--input',
    join(golden, 'inputs/digits-200.safetensors'),
    '--input',
    join(golden, 'fixtures/t-sne-digits-200.safetensors'),
    '--set',
    'steps=250',
    '--frames',
    '0',
    '--out',
    'points.png',
  ]);
  expect({ status, stdout }).toEqual({
    status: 0,
    stdout: 'points.png  the embedding, in the colours of the classes\n',
  });
});

test('doctor --json', async () => {
  const { status, stdout } = await touchstone(['doctor', '--json']);
  expect(status).toBe(0);
  const { backends } = JSON.parse(stdout) as { backends: Record<string, unknown>[] };
  expect(backends.map(({ id }) => id)).toEqual(expect.arrayContaining(['cpu', 'wasm', 'float64']));
  for (const backend of backends)
    expect(Object.keys(backend).toSorted()).toEqual([
      'device',
      'id',
      'precision',
      'reason',
      'softwareRenderer',
      'status',
    ]);
  expect(backends.find(({ id }) => id === 'float64')).toMatchObject({ status: 'available', precision: 'float64' });
});

test('list, for people and as JSON', async () => {
  const people = await touchstone(['list']);
  expect(people.status).toBe(0);
  expect(people.stdout).toMatch(/^smooth-grad +\d+ +.*samples=50 fraction=0\.15/m);
  const { stdout } = await touchstone(['list', '--json']);
  const found = JSON.parse(stdout) as Record<'methods' | 'networks' | 'backends', Record<string, unknown>[]> & {
    cases: { total: number };
  };
  expect(found.methods.find(({ id }) => id === 'grad-cam')).toMatchObject({
    params: [{ name: 'layer', default: null }],
  });
  expect(found.networks.find(({ name }) => name === 'efficientnet-lite0')).toMatchObject({
    input: [3, 224, 224],
    classes: 1000,
  });
  expect(found.backends.find(({ id }) => id === 'wasm')).toMatchObject({
    title: expect.stringContaining('WebAssembly'),
  });
  expect(found.cases.total).toBeGreaterThan(50);
});

test('golden verify finds nothing in ours', async () => {
  expect(await touchstone(['golden', 'verify', '--json'])).toMatchObject({
    status: 0,
    stdout: expect.stringContaining('"findings": []'),
  });
});

describe('a method that goes step by step', () => {
  const steps = 60;
  const climb = (out: string) => [
    'attribute',
    'class-visualization',
    '--network',
    network,
    '--target',
    '3',
    '--set',
    `steps=${steps}`,
    '--set',
    'rate=2',
    '--set',
    'jitter=4',
    '--backend',
    'cpu',
    '--out',
    `${out}.safetensors`,
  ];

  test('needs no picture, and leaves frames beside its own', async () => {
    const { status, stdout } = await touchstone([...climb('whole'), '--out', 'whole.png', '--frames', '20', '--json']);
    expect(status).toBe(0);
    expect((JSON.parse(stdout) as { files: string[] }).files).toEqual(['whole.safetensors', 'whole.png']);
    const beside = (await readdir(folder)).filter((file) => file.startsWith('whole')).toSorted();
    expect(beside).toEqual(['whole.png', 'whole.safetensors', 'whole.step-20.png', 'whole.step-40.png']);
  });

  test('interrupted, it keeps its state and goes on to the same bits; the state of another job is refused', async () => {
    const stop = (child: ReturnType<typeof spawn>) => {
      const watch = setInterval(() => {
        if (!existsSync(join(folder, 'cut.step-01.png'))) return;
        clearInterval(watch); // a second one would not wait
        child.kill('SIGINT');
      }, 5);
      child.on('close', () => clearInterval(watch));
    };
    const interrupted = await touchstone([...climb('cut'), '--out', 'cut.png', '--frames', '1'], stop);
    expect(interrupted.status).toBe(130);
    expect(interrupted.stderr).toMatch(/stopped after step \d+; the same command goes on from there/);
    const left = (await readdir(folder)).filter((file) => file.startsWith('cut.') && !file.includes('.step-'));
    expect(left).toEqual(['cut.unfinished.safetensors']);

    const other = await touchstone([...climb('cut'), '--set', 'seed=1']);
    expect({ status: other.status, stderr: other.stderr }).toEqual({
      status: 64,
      stderr: expect.stringMatching(/cut\.unfinished\.safetensors is the state of another job[^]*--restart/),
    });

    const finished = await touchstone([...climb('cut'), '--out', 'cut.png']);
    expect(finished.stderr).toMatch(/going on after step \d+/);
    expect(finished.status).toBe(0);
    expect(existsSync(join(folder, 'cut.unfinished.safetensors'))).toBe(false);
    expect(await readFile(join(folder, 'cut.safetensors'))).toEqual(await readFile(join(folder, 'whole.safetensors')));
  });

  test('--restart begins again', async () => {
    await writeFile(join(folder, 'again.unfinished.safetensors'), 'of somebody');
    const refused = await touchstone(climb('again'));
    expect(refused.stderr).toMatch(/is no state of attribute/);
    const { status } = await touchstone([...climb('again'), '--restart']);
    expect(status).toBe(0);
    expect(await readFile(join(folder, 'again.safetensors'))).toEqual(
      await readFile(join(folder, 'whole.safetensors')),
    );
  });
});

describe('bench', () => {
  test('one row a backend, kept and drawn', async () => {
    const { status, stdout, stderr } = await touchstone([
      'bench',
      'saliency',
      '--backend',
      'cpu',
      '--backend',
      'wasm',
      '--rounds',
      '2',
      '--json',
      '--history',
      'kept.jsonl',
      '--plot',
      'speed.svg',
    ]);
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
        softwareRenderer: false,
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
    'after %s: the same command goes on with the rows that were measured',
    async (signal) => {
      const file = `rows-${signal}.jsonl`;
      const lines = async (): Promise<Record<string, unknown>[]> =>
        (await readFile(join(folder, file), 'utf8'))
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line) as Record<string, unknown>);
      const command = [
        'bench',
        'saliency',
        '--backend',
        'cpu',
        '--backend',
        'wasm',
        '--rounds',
        '2',
        '--json',
        '--rows',
        file,
      ];
      const cut = await touchstone(command, (child) =>
        child.stderr!.on('data', (text: Buffer) => text.includes('· cpu ·') && child.kill(signal)),
      );
      const [first, ...more] = await lines();
      expect(more).toEqual([]);
      if (signal === 'SIGINT') {
        expect(cut.status).toBe(130);
        expect(JSON.parse(cut.stdout)).toEqual(first!['rows']);
        expect(cut.stderr).toContain(`what was measured is kept in ${file}; the same command goes on from there`);
      }
      const whole = await touchstone(command);
      expect(whole).toMatchObject({ status: 0, stderr: expect.stringContaining('not measured again: 1') as string });
      const rows = JSON.parse(whole.stdout) as unknown[];
      const kept = await lines();
      expect(kept.map((line) => line['rows'])).toEqual(rows.map((row) => [row]));
      expect(kept.map((line) => line['started'])).toEqual([first!['started'], first!['started']]);
      expect(rows[0]).toEqual((first!['rows'] as unknown[])[0]);
      const again = await touchstone(command);
      expect({ status: again.status, rows: JSON.parse(again.stdout) as unknown }).toEqual({ status: 0, rows });
      expect(await lines()).toEqual(kept);
    },
  );

  test('interrupted before anything is measured, it prints an empty array', async () => {
    const { status, stdout } = await touchstone(['bench', 'saliency', '--backend', 'cpu', '--json'], (child) =>
      child.stderr!.once('data', () => child.kill('SIGINT')),
    );
    expect({ status, rows: JSON.parse(stdout) as unknown }).toEqual({ status: 130, rows: [] });
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
    const { status, stderr } = await touchstone([
      'gate',
      '--base',
      'elsewhere.json',
      '--benchmark',
      'saliency',
      '--backend',
      'cpu',
    ]);
    expect(stderr).toMatch(/bad-input: the base was measured on another machine/);
    expect(status).toBe(64);
  });
});
