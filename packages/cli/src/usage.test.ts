import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeSafetensors } from '@touchstone/contract';
import { beforeAll, expect, test } from 'vitest';
import { inProcess } from './testing/in-process.js';
import { cat, golden, input, line, network, scratch, workIn } from './testing/touchstone.js';

const { folder, touchstone } = scratch();
workIn(folder);

beforeAll(() => {
  const write = (name: string, content: string | Uint8Array) => writeFileSync(join(folder, name), content);
  mkdirSync(join(folder, 'empty'));
  mkdirSync(join(folder, 'folder.png'));
  mkdirSync(join(folder, 'blocked/index.html'), { recursive: true });
  mkdirSync(join(folder, 'broken-network'));
  copyFileSync(join(network, 'network.json'), join(folder, 'broken-network/network.json'));
  write('broken-network/weights.safetensors', 'cut');
  write('text.png', 'not an image');
  for (const busy of ['busy.jsonl', 'busy.unfinished.safetensors']) write(`${busy}.run.lock`, `${process.pid}\n`);
  write('text.safetensors', 'not tensors at all, but long enough');
  for (const [name, value] of [['nan', NaN] as const, ['infinite', -Infinity] as const])
    write(
      `${name}.safetensors`,
      writeSafetensors({ x: { shape: [1, 3, 32, 32], data: new Float32Array(3072).fill(value, 7, 8) } }),
    );
  write('empty.safetensors', writeSafetensors({ x: { shape: [0, 3, 32, 32], data: new Float32Array() } }));
  write('other.safetensors', writeSafetensors({ y: { shape: [1], data: Float32Array.of(1) } }));
});

const attribute = line`attribute saliency --network ${network}`;
const unknown = (kind: string, meant: string) =>
  new RegExp(`unknown-name: unknown ${kind} .*\\n.*Did you mean "${meant}"`);

/** Sentences, each with a capital (or a quoted name) and an end. */
const hint = /\n {2}hint: [A-Z][^\n]*[.?]\n$/;

/** Command lines that cannot be run, and what the error says. */
const faults: Readonly<Record<string, readonly (readonly [args: readonly string[], says: RegExp])[]>> = {
  'any command': [
    [[], /Usage: touchstone/],
    [line`verfy`, /error: usage: unknown command "verfy"\n {2}hint: Did you mean verify\?/],
    [line`golden verfy`, /unknown command.*\n.*Did you mean verify\?.*"touchstone golden --help"/],
    [line`verify --bakend cpu`, /unknown option "--bakend"\n.*Did you mean --backend\?/],
    [line`help verfy`, unknown('command', 'verify')],
    [line`golden help regn`, unknown('command', 'regen')],
    [[...line`verify --backend`, ''], /usage: "" names nothing/],
    [line`verify --require ,`, /usage: "," names nothing/],
    [[...line`verify --report`, ''], /usage: --report is empty/],
    [[...line`verify --json`, ''], /usage: --json is empty/],
    [[...line`verify --outputs`, ''], /usage: --outputs is empty/],
    [[...line`verify --golden`, ''], /usage: --golden is empty/],
    [[...line`${attribute} --input ${input} --target`, ''], /usage: --target is empty/],
    [[...line`${attribute} --input`, ''], /usage: --input is empty/],
    [line`doctor twice`, /too many arguments.*\n.*Expected 0 arguments but got 1/],
  ],
  verify: [
    [line`verify --profile fast`, /quick, full/],
    [line`verify --case saliency/tiny-vgg/cat32`, unknown('case', 'saliency/tiny-vgg/cat-32')],
    [line`verify --method gradcam`, unknown('method', 'grad-cam')],
    [line`verify --backend wsm`, unknown('backend', 'wasm')],
    [line`verify --shard 3/2`, /--shard 3\/2.*\n.*for example --shard 1\/4, or/],
    [line`verify --deadline soon`, /usage: --deadline "soon": must be a number of seconds.*\n.*--deadline 900/],
    [line`verify --deadline 0`, /usage: --deadline "0": must be a number of seconds/],
    [line`verify --port ./a.mjs --outputs empty`, /usage: .*exclude each other/],
    [line`verify --port nowhere.mjs`, /usage: --port nowhere\.mjs: no such file\n.*module, or "cmd:" and a command/],
    [line`verify --outputs nowhere`, /usage: --outputs nowhere: no such folder/],
    [line`verify --outputs text.png`, /usage: --outputs text\.png: not a folder/],
    [line`verify --case saliency/tiny-vgg/cat-32 --backend cpu --report text.png`, /bad-input: .*text\.png/],
    [line`verify --report blocked`, /bad-input: .*index\.html is not a file, but a folder/],
    [line`verify --port ./port.mjs --json port.mjs`, /usage: --json port\.mjs is also --port\n.*another file/],
    [line`verify --json empty`, /bad-input: empty is not a file, but a folder/],
    [line`explain saliency/tiny-vgg/cat-32 --backend *`, /unknown-name: unknown backend "\*"/],
    [line`explain saliency/tiny-vgg/cat-32 --report text.png`, /bad-input: .*text\.png/],
    [line`explain saliency`, /usage: .*"saliency" is a method.*\n.*"touchstone attribute saliency --network/],
    [line`explain saliency --network ${network} --image ${cat}`, /usage: .*\n.*"touchstone attribute saliency/],
    [line`explain cat.png --network ${network}`, /usage: .*--network is an option.*\n.*"touchstone attribute METHOD/],
  ],
  'options without an effect': [
    [line`verify --export out --json lines`, /usage: --json has no effect with --export\n.*Omit --json or --export\./],
    [line`verify --export out --port ./a.mjs`, /usage: --port has no effect with --export/],
    [line`verify --outputs out --deadline 9`, /usage: --deadline has no effect with --outputs/],
    [line`verify --partial`, /usage: --partial needs --outputs/],
    [line`bench saliency --from a.json --plot a.svg`, /usage: saliency has no effect with --from/],
    [line`bench --from a.json --plot a.svg --rounds 3`, /usage: --rounds has no effect with --from/],
    [line`fuzz hooks --corpus 3 --seed 1 --out a --runs 9`, /usage: --runs has no effect with --corpus/],
    [line`list --cases --all`, /usage: --all has no effect with --cases/],
  ],
  laws: [
    [line`laws --law L99`, /unknown-name: unknown law "L99"/],
    [line`laws --law L41`, /usage: L41 compares hook programs with a live PyTorch/],
    [line`laws --backend wsm`, unknown('backend', 'wasm')],
    [line`laws --port nowhere.mjs`, /usage: --port nowhere\.mjs: no such file/],
    [line`laws --runs 0`, /usage: --runs 0: must be at least 1/],
    [line`laws --seed 2147483647 --backend wsm`, unknown('backend', 'wasm')],
    [line`laws --seed 2147483649`, /usage: --seed "2147483649": must be a whole number/],
    [line`laws --path 3:1`, /usage: --path needs --seed and one --law/],
    [line`laws --law L12 --seed 1 --path x`, /usage: --path x: must be numbers and colons/],
    [line`laws --json empty`, /bad-input: empty is not a file, but a folder/],
  ],
  'attribute: network and backend': [
    [line`attribute salency --network ${network}`, unknown('method', 'saliency')],
    [line`attribute saliency --network tiny-vg --image ${cat}`, unknown('network', 'tiny-vgg')],
    [
      line`attribute saliency --network ./empty --image ${cat}`,
      /bad-network: --network \.\/empty: the folder has no network\.json/,
    ],
    [line`attribute saliency --network ./broken-network --image ${cat}`, /bad-network: .*weights\.safetensors/],
    [line`${attribute} --input ${input} --backend wasn`, unknown('backend', 'wasm')],
    [line`${attribute} --input ${input} --workers 0`, /usage: --workers 0/],
    [line`${attribute} --input ${input} --workers 99999`, /usage: --workers 99999: must be at most/],
    [
      line`${attribute} --input ${input} --backend cuda --workers 2`,
      /usage: --workers 2: the backend cuda .*\n.*--workers/,
    ],
  ],
  'attribute: input': [
    [attribute, /usage: saliency needs either --image or --input/],
    [line`${attribute} --image ${cat} --input ${input}`, /usage: saliency needs either --image or --input/],
    [line`${attribute} --image nowhere.png`, /bad-image: nowhere\.png: no such file/],
    [line`${attribute} --image text.png`, /bad-image: text\.png is not a JPEG/],
    [line`${attribute} --input nowhere.safetensors`, /bad-tensors: nowhere\.safetensors: no such file/],
    [line`${attribute} --input text.safetensors`, /bad-tensors: text\.safetensors/],
    [line`${attribute} --input nan.safetensors`, /bad-tensors: .*"x" has a value that is NaN, ±∞ or too large/],
    [line`${attribute} --input infinite.safetensors`, /bad-tensors: .*"x" has a value that is NaN, ±∞ or too large/],
    [line`${attribute} --input other.safetensors`, /bad-tensors: .*no tensor "x"/],
    [line`${attribute} --input empty.safetensors`, /bad-tensors: .*\[0,3,32,32\], so there is no image/],
    [line`attribute t-sne --network digits --input empty.safetensors`, /bad-tensors: /],
    [line`${attribute} --input ${join(golden, 'inputs/cat-28.safetensors')}`, /bad-tensors: .*needs \[N,3,32,32\]/],
    [
      line`${attribute} --input ${input} --input ${input}`,
      /bad-tensors: --input .*cat-32\.safetensors: the tensor "x" is given twice/,
    ],
  ],
  'attribute: target, parameters and output': [
    [line`${attribute} --input ${input} --target 10`, /usage: --target 10: the network has classes 0 to 9/],
    [line`${attribute} --input ${input} --target ${'{"class": -1}'}`, /usage: --target/],
    [
      line`${attribute} --input ${input} --target ${'{"sum":[{"head":"yaw","expectation":"3·i−90"}]}'}`,
      /usage: --target: the network has no output "yaw".*\n.*Give a class/,
    ],
    [
      line`attribute saliency --network head-pose-narrow --image ${cat}`,
      /usage: --target is missing, and the network has several outputs: yaw, pitch, roll/,
    ],
    [
      line`attribute fooling-image --network ${network} --image ${cat}`,
      /usage: fooling-image needs a target.*\n.*--target/,
    ],
    [line`attribute class-visualization --network ${network}`, /usage: class-visualization needs a target/],
    [line`${attribute} --input ${input} --frames all`, /usage: --frames "all": must be a whole number/],
    [line`${attribute} --input ${input} --set reduce`, /usage: --set "reduce": must be key=value/],
    [line`${attribute} --input ${input} --set redce=none`, /bad-params: .*"redce"\n.*Did you mean "reduce"\?/],
    [
      line`attribute hooks --network ${network} --input ${input}`,
      /bad-params: .*"program".*\n.*Give "program" in the parameters \(--set\) of hooks/,
    ],
    [line`${attribute} --input ${input} --set reduce=nne`, /bad-params: .*"reduce"/],
    [line`${attribute} --input ${input} --out map.jpg`, /usage: --out map\.jpg/],
    [line`${attribute} --input other.safetensors --out other.safetensors`, /usage: .* would overwrite other\.saf/],
    [line`${attribute} --image text.png --out ./empty/../text.png`, /usage: .* would overwrite text\.png/],
    [
      line`attribute grad-cam --network ${network} --image text.map.png --out text.png`,
      /usage: .* would overwrite text\.map/,
    ],
    [
      line`attribute class-visualization --network ${network} --input a.unfinished.safetensors --target 1 --out a.png`,
      /usage: .* would overwrite a\.unfinished/,
    ],
    [line`attribute fooling-image --network ${network} --image a.step-7.png --out a.png`, /usage: .* would overwrite/],
    [line`${attribute} --input ${input} --out a.png --out ./a.png`, /usage: .* would write the same file/],
    [line`${attribute} --input ${input} --out ${'a'.repeat(240)}.png`, /bad-input: a+[\w.-]*\.png is too long a name/],
    [
      line`attribute class-visualization --network ${network} --target 1 --set steps=1 --backend cpu --out busy.png`,
      /bad-input: --out busy\.png is in use by another run/,
    ],
    [[...line`init port --lang js`, ''], /usage: the folder is empty/],
    [line`${attribute} --input ${input} --out folder.png`, /bad-input: folder\.png is not a file, but a folder/],
  ],
  bench: [
    [line`bench smooth-gard`, unknown('benchmark', 'smooth-grad')],
    [line`bench smooth-grad --network vgg16`, /unknown-name: unknown network.*\n.*vgg16-224/],
    [line`bench saliency --network vgg16`, /unknown-name: unknown network.*\n.*vgg16-224/],
    [line`bench saliency --network vgg16-224`, /usage: --network has no effect on saliency/],
    [line`bench saliency --plot empty`, /bad-input: empty is not a file/],
    [line`bench saliency --history empty`, /bad-input: empty is not a file/],
    [line`bench saliency --backend wsm`, unknown('backend', 'wasm')],
    [line`bench conv-gradient --backend cpu`, /usage: conv-gradient only runs on wasm/],
    [line`bench saliency --rounds 0`, /usage: --rounds 0/],
    [line`bench --from nowhere.json --plot a.svg`, /bad-input: .*nowhere\.json: no such file/],
    [line`bench --from text.png --plot a.svg`, /bad-input: text\.png, line 1 is not JSON/],
    [line`bench --from empty --plot a.svg`, /bad-input: empty is not a file/],
    [line`bench saliency --rows busy.jsonl`, /bad-input: --rows busy\.jsonl is in use by another run, process \d/],
    [line`bench saliency --rows text.png`, /bad-input: text\.png, line 1 is not JSON/],
    [line`bench saliency --rows empty`, /bad-input: empty is not a file/],
    [line`bench --from text.png --plot ./text.png`, /usage: --plot .* is also --from/],
    [line`bench saliency --rows a.json --plot a.json`, /usage: --plot a\.json is also --rows/],
    [line`bench --from text.png --bencher ./text.png`, /usage: --bencher .* is also --from/],
    [line`bench --from text.png`, /usage: --from .* needs --plot/],
  ],
  fuzz: [
    [line`fuzz hooks --runs 0`, /usage: --runs 0: must be at least 1/],
    [line`fuzz hooks --path 3:1`, /usage: --path needs --seed/],
    [line`fuzz hooks --seed 1 --path 3:x`, /usage: --path 3:x: must be numbers and colons/],
    [line`fuzz hooks --out here`, /usage: --out needs --corpus/],
  ],
  'gate, golden and doctor': [
    [line`list --cases gard-cam/tiny-vgg/cat-32`, unknown('case', 'grad-cam/tiny-vgg/cat-32')],
    [line`list --cases --json`, /usage: option "--cases.*cannot be used with option "--json"/],
    [line`gate`, /required option "--base/],
    [
      line`gate --base no-such-commit`,
      /usage: --base no-such-commit is neither a commit of this repository nor a file/,
    ],
    [line`gate --base HEAD --benchmark salency`, unknown('method', 'saliency')],
    [line`gate --base text.png --benchmark saliency --backend cpu`, /bad-input: text\.png/],
    [line`golden regen --python ./no-python`, /usage: .*no-python cannot be started.*\n.*--python/],
    [line`doctor --accept`, /usage: --accept .* needs --probes.*\n.*doctor --probes --accept/],
  ],
};

for (const [group, rows] of Object.entries(faults)) {
  test.each(rows.map(([args, says]) => ({ args, says })))(
    `${group}: touchstone $args ends with status 64 and an error`,
    async ({ args, says }) => {
      const { status, stdout, stderr } = await inProcess(args);
      expect(stderr).toMatch(says);
      expect(stderr).not.toMatch(/^\s+at /m);
      if (stderr.startsWith('error: ')) expect(stderr).toMatch(hint);
      expect({ status, stdout }).toEqual({ status: 64, stdout: '' });
    },
  );
}

test.each([
  { args: line`verify --method gradcam`, status: 64, says: unknown('method', 'grad-cam') },
  { args: line`verify --golden empty`, status: 5, says: /golden-damaged: .*manifest\.json/ },
])('as a process: touchstone $args ends with status $status', async ({ args, status, says }) => {
  expect(await touchstone(args)).toEqual({ status, stdout: '', stderr: expect.stringMatching(says) });
});
