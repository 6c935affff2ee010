import { expect, it } from 'vitest';
import { inProcess } from './testing/in-process.js';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { input, line, published, scratch } from './testing/touchstone.js';

const { folder } = scratch();
const port = (name: string, methods: string): string => {
  const path = join(folder, `${name}.mjs`);
  writeFileSync(path, `let runs = 0; export default { name: '${name}', version: '1', methods: { ${methods} } };`);
  return path;
};
const tensor = (value: string) => `{ shape: inputs.x.shape, data: inputs.x.data.map(() => ${value}) }`;
const compare = line`compare --network tiny-vgg --input ${input}`;

it('two backends, for people and as JSON', async () => {
  const people = await inProcess(line`${compare} --backend cpu --against wasm --target 3`);
  expect(people.status).toBe(0);
  expect(people.stdout).toMatch(/^layer +type +shape +output, e2 +gradient, e2\nthe image /);
  expect(people.stdout).toMatch(/✓ forwards: cpu and wasm agree in every layer\n✓ backwards: cpu and wasm agree/);
  const { stdout } = await inProcess(line`${compare} --against cpu --json`);
  expect(published('compare', stdout)).toMatchObject({
    engines: ['float64', 'cpu'],
    firstForward: null,
    flipped: null,
  });
});

it('a port that gives nothing to compare', async () => {
  const empty = port('empty', `activations: async ({ inputs }) => ({ attribution: ${tensor('0')} })`);
  const { status, stdout } = await inProcess(line`${compare} --port ${empty} --target 3`);
  expect([status, stdout]).toEqual([
    4,
    expect.stringMatching(/✗ nothing was compared: .* by both float64 and empty\n$/),
  ]);
});

it('a port whose second run differs, and NaN, which is not what is not given', async () => {
  const odd = port('odd', `saliency: async ({ inputs }) => ({ attribution: ${tensor('runs++ < 3072 ? NaN : 1')} })`);
  const { status, stdout } = await inProcess(line`${compare} --port ${odd} --target 3 --json`);
  const found = published('compare', stdout);
  expect([status, found.input, found.firstBackward]).toEqual([1, 'Infinity', 'the image']);
  expect([found.layers[0]!.gradient, found.unrepeated]).toEqual([null, ['odd, saliency']]);
});

it.each([
  ['no second engine', [], /second engine is missing/],
  ['two of them', ['--against', 'cpu', '--port', 'x.mjs'], /given twice/],
  ['a backend that does not exist', ['--against', 'cpuu'], /unknown backend/],
])('%s is refused', async (_, more, message) => {
  const { status, stderr } = await inProcess([...compare, ...more]);
  expect([status, stderr]).toEqual([64, expect.stringMatching(message)]);
});
