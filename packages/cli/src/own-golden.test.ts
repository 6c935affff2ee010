import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { inProcess } from './testing/in-process.js';
import { golden, input, line, network, scratch } from './testing/touchstone.js';

const { folder } = scratch();
const report = join(folder, 'report');
const temporary = join(folder, 'temporary');
beforeAll(() => {
  mkdirSync(temporary);
  vi.stubEnv('TMPDIR', temporary);
});
afterAll(() => vi.unstubAllEnvs());

it('a network of the user, judged with goldens that are made for the image', async () => {
  const found = await inProcess(
    line`verify --backend cpu --network ${network} --input ${input} --method saliency smooth-grad saliency cam
      --set reduce=none --target 3 --report ${report} --json ${join(folder, 'lines.ndjson')}`,
  );
  expect(found.status, found.stderr).toBe(4);
  expect(found.stdout).toMatch(/1 skipped on cpu: CAM needs a network whose head is global average pooling/);
  expect(found.stdout).toMatch(/nothing was judged of cam, .*\n\n2 passed, 0 failed, 1 skipped, 0 errored/);
  expect(found.stderr).toMatch(/cam is not judged: CAM needs a network whose head is global average pooling/);
  expect(found.stderr).toMatch(/^--set reduce is for saliency and smooth-grad$/m);
  expect(readdirSync(temporary)).toEqual([]);
});

it('of a port only what it has; methods that are named are not answered', async () => {
  const example = fileURLToPath(new URL('../../../tools/ports/example-port.mjs', import.meta.url));
  const iterated = join(folder, 'iterated.mjs');
  writeFileSync(iterated, "export default { name: 'it', version: '1', methods: { 't-sne': async () => ({}) } };");
  const judge = (port: string, methods: readonly string[]) =>
    inProcess(line`verify --port ${port} --network bias-free --input ${input} ${methods} --report ${report}`);
  const named = await judge(example, ['--method', 'cam', 'saliency']);
  expect([named.status, named.stdout]).toEqual([4, expect.stringMatching(/^1 passed, 1 of 2 not answered/m)]);
  expect(named.stdout).toMatch(/– 1 skipped on example-port: the port has no method "cam"/);
  expect(named.stderr).not.toMatch(/golden of cam|cam is not judged/);
  const none = await judge(iterated, []);
  expect([none.status, none.stderr]).toEqual([64, expect.stringMatching(/nothing is judged: the port has "t-sne"\n/)]);
});

it.each([
  ['no network', line`--input ${input}`, /need one --network; none is given/],
  ['two networks', line`--input ${input} --network tiny-vgg digits`, /need one --network; 2 is given/],
  ['a target without an image', line`--target 3`, /--target is for an image of your own/],
  ['a parameter that no method has', line`--input ${input} --network tiny-vgg --set reduec=none`, /mean "reduce"\?/],
  [
    'a value that no method takes',
    line`--input ${input} --network tiny-vgg --method saliency cam --set reduce=nne`,
    /bad-params: .*of saliency: "reduce"/,
  ],
  [
    'an iterated method',
    line`--input ${input} --network tiny-vgg --method t-sne`,
    /t-sne cannot be judged on a network/,
  ],
  [
    'a method that has no answer there',
    line`--input ${input} --network ${join(golden, 'networks/tiny-vgg')} --method cam`,
    /CAM needs a network whose head/,
  ],
])('%s is refused', async (_, options, message) => {
  const { status, stderr } = await inProcess(line`verify --backend cpu --report ${report} ${options}`);
  expect([status, stderr]).toEqual([64, expect.stringMatching(message)]);
});
