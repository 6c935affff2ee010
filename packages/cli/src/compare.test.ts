import { expect, it } from 'vitest';
import { inProcess } from './testing/in-process.js';
import { input, line, published } from './testing/touchstone.js';

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

it.each([
  ['no second engine', [], /second engine is missing/],
  ['two of them', ['--against', 'cpu', '--port', 'x.mjs'], /given twice/],
  ['a backend that does not exist', ['--against', 'cpuu'], /unknown backend/],
])('%s is refused', async (_, more, message) => {
  const { status, stderr } = await inProcess([...compare, ...more]);
  expect([status, stderr]).toEqual([64, expect.stringMatching(message)]);
});
