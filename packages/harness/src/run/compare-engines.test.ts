import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readNetworkFolder } from '@touchstone/session';
import { openGolden } from '../golden/golden-store.js';
import { classes, temporaryFolder, writeLinearGolden } from '../testing/linear-golden.js';
import type { PortChoice } from './open-ports.js';
import { compareEngines, verdictOfCompared, type ComparedEngines } from './compare-engines.js';

const folder = temporaryFolder();
const root = join(folder, 'golden');
writeLinearGolden(root);
const golden = openGolden(root);
const networkFolder = golden.networkFolder('linear');
const { description } = readNetworkFolder(networkFolder);

/** A port for the linear network; `factor` spoils the layer "fc", `gradientFactor` the gradient. */
function port(name: string, { factor = 1, gradientFactor = 1, methods = ['activations', 'saliency'] }): PortChoice {
  const path = join(folder, `${name}.mjs`);
  writeFileSync(
    path,
    `const all = {
      activations: async ({ network: { weights }, inputs: { x } }) => {
        const fc = Float64Array.from(weights['fc.bias'].data, (bias, c) => bias +
          x.data.reduce((sum, value, p) => sum + value * weights['fc.weight'].data[c * x.data.length + p], 0));
        const output = { shape: [1, ${classes}], data: fc.map((value) => value * ${factor}) };
        return { flat: { shape: [1, x.data.length], data: x.data }, fc: output, attribution: output };
      },
      saliency: async ({ network: { weights }, inputs: { x }, target }) => {
        const row = weights['fc.weight'].data.slice(target.class * x.data.length, (target.class + 1) * x.data.length);
        return { attribution: { shape: x.shape, data: row.map((value) => value * ${gradientFactor}) } };
      },
    };
    const names = ${JSON.stringify(methods)};
    const methods = Object.fromEntries(names.map((name) => [name, all[name]]));
    export default { name: '${name}', version: '1', methods };`,
  );
  return { port: path };
}

it.each([
  ['wasm', { backends: ['wasm'] }, { firstForward: null, firstBackward: null, flipped: null }],
  ['right', port('right', {}), { firstForward: null, firstBackward: null, input: 0 }],
  ['forwards', port('forwards', { factor: 1.5 }), { firstForward: 'fc', firstBackward: null }],
  [
    'backwards',
    port('backwards', { gradientFactor: -1 }),
    { firstForward: null, firstBackward: 'the image', input: 2 },
  ],
  ['saliency', port('saliency', { methods: ['saliency'] }), { firstForward: null, firstBackward: null, input: 0 }],
])('float64 against %s', async (name, engine, expected) => {
  const compared = await compareEngines({
    networkFolder,
    description,
    x: golden.readInput('x'),
    target: { class: 3 },
    engines: [{ backends: ['float64'] }, engine],
    deadlineMs: 60_000,
  });
  expect(compared).toMatchObject({ engines: ['float64', name], ...expected });
  expect(compared.layers.map(({ layer, forward }) => [layer, forward === null])).toEqual([
    ['flat', name === 'saliency'],
    ['fc', name === 'saliency'],
  ]);
});

it('a port that has neither activations nor saliency has nothing to compare', async () => {
  const compared = compareEngines({
    networkFolder,
    description,
    x: golden.readInput('x'),
    target: { class: 3 },
    engines: [{ backends: ['float64'] }, port('nothing', { methods: [] })],
    deadlineMs: 60_000,
  });
  await expect(compared).rejects.toMatchObject({ code: 'unsupported', hint: expect.stringContaining('Give the port') });
});

const layer = { layer: 'fc', type: 'Linear', shape: [3], forward: 0, gradient: null };
const same: ComparedEngines = {
  engines: ['a', 'b'],
  layers: [layer],
  input: null,
  firstForward: null,
  firstBackward: null,
  flipped: null,
  unrepeated: [],
  faults: [],
};

it.each<[string, Partial<ComparedEngines>, ReturnType<typeof verdictOfCompared>]>([
  ['one output is given by both', {}, 'agree'],
  ['nothing is given by both', { layers: [{ ...layer, forward: null }] }, 'not comparable'],
  ['a port broke the rules', { faults: ['it left a process'] }, 'not comparable'],
  ['a layer differs', { firstForward: 'fc', faults: ['it left a process'] }, 'differ'],
  ['a gradient differs', { firstBackward: 'the image' }, 'differ'],
  ['a second run gave other bits', { unrepeated: ['b, saliency'] }, 'differ'],
])('%s', (_, found, verdict) => {
  expect(verdictOfCompared({ ...same, ...found })).toBe(verdict);
});
