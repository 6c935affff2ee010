import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { commandOf, wordsOf } from '@touchstone/harness';
import { inProcess } from './testing/in-process.js';
import { golden, scratch } from './testing/touchstone.js';

const { folder } = scratch();
const repository = fileURLToPath(new URL('../../..', import.meta.url));

it('a port in JavaScript passes the check and the cases of its method', async () => {
  const js = join(folder, 'js');
  const { status, stdout } = await inProcess(['init', 'port', '--lang', 'js', js]);
  expect(status).toBe(0);
  expect(stdout).toMatch(/^3 files written to .*: README\.md, package\.json, port\.mjs\n/);
  expect(stdout).toMatch(/\nnpx touchstone port check --port \S*port\.mjs\n/);
  symlinkSync(join(repository, 'node_modules'), join(js, 'node_modules')); // in place of npm install
  const port = join(js, 'port.mjs');
  expect((await inProcess(['port', 'check', '--port', port])).stdout).toMatch(/5 of 5 checks passed, 0 failed, 0 not/);
  const report = ['--report', join(folder, 'report'), '--golden', golden];
  const verified = await inProcess(['verify', '--port', port, '--case', 'saliency/tiny-vgg/cat-32', ...report]);
  expect([verified.status, verified.stdout]).toEqual([0, expect.stringMatching(/1 passed, 0 failed/)]);
}, 60_000);

/** The first Python that has the modules; the second is made by `npm run setup:python`. */
function pythonWith(modules: string): string | undefined {
  const made = join(repository, '.touchstone', 'python', 'bin', 'python');
  const candidates = process.env['TOUCHSTONE_PYTHON'] ? [process.env['TOUCHSTONE_PYTHON']] : [made, 'python3'];
  return candidates.find((each) => spawnSync(each, ['-c', `import ${modules}`], { stdio: 'ignore' }).status === 0);
}

/** What `port check` prints about a port in Python. */
async function checked(python: string, file: string) {
  vi.stubEnv('PYTHONPATH', join(repository, 'tools', 'python')); // in place of pip install
  try {
    return await inProcess(['port', 'check', '--port', `cmd:'${python}' '${file}'`]);
  } finally {
    vi.unstubAllEnvs();
  }
}

const withTorch = pythonWith('torch, safetensors');
it.skipIf(withTorch === undefined)(
  'a port in Python, too (skipped where Python has no torch)',
  async () => {
    const folderOfPort = join(folder, 'python');
    expect((await inProcess(['init', 'port', '--lang', 'python', folderOfPort])).status).toBe(0);
    const { stdout } = await checked(withTorch!, join(folderOfPort, 'port.py'));
    expect(stdout).toMatch(/5 of 5 checks passed, 0 failed, 0 not/);
  },
  60_000,
);

const withNumpy = pythonWith('numpy, safetensors');
/** What the template is without its method: the gradient of networks that are linear, in NumPy. */
const linear = `
@port.method("saliency")
def saliency(job):
    if any(each.get("type") == "ReLU" for each in job.network.description["modules"].values()):
        raise touchstone.Unsupported("a ReLU")
    gradient = job.network.weights["head.weight"][job.classes].reshape(job.x.shape)
    over_channels = {"none": lambda g: g, "abs-max": lambda g: abs(g).max(1, keepdims=True)}
    return {"gradient": gradient, "attribution": over_channels[job.params["reduce"]](gradient)}

touchstone.serve(port)
`;

it.skipIf(withNumpy === undefined)(
  'a port in Python with NumPy only (skipped where Python has no NumPy or safetensors)',
  async () => {
    const folderOfPort = join(folder, 'numpy');
    expect((await inProcess(['init', 'port', '--lang', 'python', folderOfPort])).status).toBe(0);
    const file = join(folderOfPort, 'port.py');
    const [before] = readFileSync(file, 'utf8').split('@port.method');
    writeFileSync(file, before!.replace('"1.0.0"', '"1.0.0", arrays="numpy"') + linear);
    const { status, stdout } = await checked(withNumpy!, file);
    expect([status, stdout]).toEqual([0, expect.stringMatching(/3 of 4 checks passed, 0 failed, 1 not supported, 0/)]);
    expect(stdout).toMatch(/– saliency, asymmetric: a ReLU/);
  },
  60_000,
);

it('nothing is overwritten, and nothing written next to what is there', async () => {
  const taken = join(folder, 'taken');
  mkdirSync(taken);
  writeFileSync(join(taken, 'README.md'), 'mine');
  const { status, stderr } = await inProcess(['init', 'port', '--lang', 'python', taken]);
  expect(status).toBe(64);
  expect(stderr).toMatch(/bad-input: .*taken has README\.md already\n.*Choose another folder/);
  expect(readdirSync(taken)).toEqual(['README.md']);
});

it('nothing is written through a link', async () => {
  const [linked, outside] = [join(folder, 'linked'), join(folder, 'outside')];
  for (const each of [linked, outside]) mkdirSync(each);
  symlinkSync(join(folder, 'nowhere'), join(linked, 'port.mjs'));
  const dangling = await inProcess(['init', 'port', '--lang', 'js', linked]);
  expect([dangling.status, dangling.stderr]).toEqual([64, expect.stringMatching(/has port\.mjs already/)]);
  expect(readdirSync(linked)).toEqual(['port.mjs']);
  rmSync(join(linked, 'port.mjs'));
  symlinkSync(outside, join(linked, '.github'));
  const through = await inProcess(['init', 'ci', '--provider', 'github', '--port', './port.mjs', linked]);
  expect([through.status, through.stderr]).toEqual([64, expect.stringMatching(/\.github is a link, and files/)]);
  expect([...readdirSync(linked), ...readdirSync(outside)]).toEqual(['.github']);
});

describe.skipIf(process.platform === 'win32')('what is printed runs as it is printed', () => {
  const before = process.cwd();
  afterEach(() => process.chdir(before));

  it.each(['my port', 'p$x', '-dash', "it's", '100% ünï; dir', 'a\\b', 'cmd:x', '~', '"q"'])('%s', async (name) => {
    process.chdir(folder);
    const argv = (words: string): string[] =>
      execFileSync('sh', ['-c', `printf '%s\\0' ${words}`], { encoding: 'utf8' })
        .split('\0')
        .slice(0, -1);
    const python = (await inProcess(['init', 'port', '--lang', 'python', '--', name])).stdout;
    const [, port] = argv(/ port check (.*)\n/.exec(python)![1]!);
    const [program, file, ...more] = wordsOf(commandOf(port!)!);
    expect([program, more, existsSync(file!), file!.startsWith('-')]).toEqual(['python', [], true, false]);
    rmSync(join(folder, name), { recursive: true });
    const js = (await inProcess(['init', 'port', '--lang', 'js', '--', name])).stdout;
    const [, module] = argv(/ port check (.*)\n/.exec(js)![1]!);
    expect([existsSync(module!), commandOf(module!), module!.startsWith('-')]).toEqual([true, null, false]);
    expect(readdirSync(argv(/ --prefix (.*)\n/.exec(js)![1]!)[0]!)).toContain('package.json');
  });
});

it('what cannot be written whole is not written', async () => {
  const blocked = join(folder, 'blocked');
  mkdirSync(blocked);
  writeFileSync(join(blocked, '.github'), 'a file');
  const asked = ['init', 'ci', '--provider', 'github', '--port', './port.mjs', blocked];
  expect((await inProcess(asked)).status).not.toBe(0);
  expect(readdirSync(blocked)).toEqual(['.github']);
  expect((await inProcess(['init', 'port', '--lang', 'cobol'])).stderr).toMatch(
    /usage: .*\n.*Allowed choices are js, python/,
  );
  expect(existsSync('touchstone-port')).toBe(false);
});
