/**
 * End to end on real goldens: child process, our methods, PyTorch's answers. `touchstone verify` runs every case on
 * every backend.
 */
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { methods } from '@touchstone/methods';
import { firstDivergingLayer } from '../judge/diagnose.js';
import { backendPort } from '../port/backend-port.js';
import { openGolden } from './golden-store.js';
import { verifyGolden } from './golden-verify.js';
import type { Port } from '../port/port.js';
import { allParams, requestFor } from '../port/request-for.js';
import { selectCases } from '../run/selection.js';
import { verify } from '../run/verify.js';

const root = fileURLToPath(new URL('../../../../golden', import.meta.url));
const golden = openGolden(root);

it('golden/ is what its manifest says', () => expect([...verifyGolden(root)]).toEqual([]));

it('every method has a case, and every case a known method with valid parameters', () => {
  expect(golden.cases.map((row) => row.method)).toEqual(expect.arrayContaining(methods.map((method) => method.id)));
  for (const row of golden.cases) expect(allParams(row)).toMatchObject(row.params);
});

it('quick cases on a small network pass', async () => {
  const cases = selectCases(golden.cases, { networks: ['tiny-vgg'], cases: ['*/cat-32'], profile: 'quick' });
  const { outcomes, summary } = await verify({ golden, cases, backends: ['cpu', 'wasm'] });
  expect(outcomes.filter(({ status }) => status !== 'passed')).toEqual([]);
  expect(summary.passed).toBe(2 * cases.length);
});

describe('sketches', () => {
  const port: Port = backendPort('cpu', { deadlineMs: 60_000 });
  beforeAll(async () => void (await port.open()), 120_000);
  afterAll(() => port.stop());

  const named = (id: string) => {
    const row = golden.cases.find((known) => known.id === id)!;
    return requestFor(row, golden.readCase(row));
  };

  it.each(['saliency', 'deconv', 'guided-backprop', 'smooth-grad'])(
    'of %s agree with PyTorch, layer by layer',
    async (method) => {
      const id = `${method}/tiny-vgg/cat-32`;
      const expected = golden.readGolden(id);
      const probes = await port.sketch(named(id), expected.meta.sketch);
      expect(firstDivergingLayer(expected, probes!)).toBe(null);
    },
  );

  it('show a wrong ReLU rule where no forward value does', async () => {
    const expected = golden.readGolden('guided-backprop/tiny-vgg/cat-32');
    const probes = await port.sketch(named('saliency/tiny-vgg/cat-32'), expected.meta.sketch);
    expect(firstDivergingLayer(expected, probes!)).toMatch(/the gradient at its output \(its output agrees\)/);
  });
});
