/**
 * The goldens of the repository: they are complete, and a wrong answer fails. That every quick case passes is a check
 * of `npm test`, which runs `touchstone verify`.
 */
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allowance, type CaseRow } from '@touchstone/contract';
import { findMethod, methods } from '@touchstone/methods';
import { openGolden } from '../golden/golden-store.js';
import { firstDivergingLayer } from '../judge/diagnose.js';
import { backendPort } from '../port/backend-port.js';
import type { Port } from '../port/port.js';
import { requestFor } from '../port/request-for.js';
import { verify } from './verify.js';

const root = fileURLToPath(new URL('../../../../golden', import.meta.url));
const golden = openGolden(root);

const named = (id: string): CaseRow => golden.cases.find((known) => known.id === id)!;
const requestOf = (row: CaseRow) => requestFor(row, golden.readCase(row));

/** That golden/ is what its manifest says, "golden verify" is asked by a test of packages/cli. */
it('every case can be asked; its golden has the stages in order, none bound above 16e-4, 64e-4 for a value', () => {
  for (const row of golden.cases) {
    const { fixtures, stages } = findMethod(row.method);
    const stored = golden.readCase(row);
    const request = requestFor(row, stored);
    for (const [stage, reference] of Object.entries(stored.golden.meta.reference)) {
      const { e2, eMax } = allowance(reference);
      expect(e2, `${row.id}, stage ${stage}`).toBeLessThanOrEqual(16e-4);
      expect(eMax, `${row.id}, stage ${stage}`).toBeLessThanOrEqual(64e-4);
    }
    // A port is given the names of modules that the case leaves to the default.
    const modules = ['layer', 'linear'].filter((name) => row.params[name] === null);
    const given = Object.entries(row.params).filter(([name]) => !modules.includes(name));
    expect(request.params, row.id).toMatchObject(Object.fromEntries(given));
    for (const name of modules) expect(request.params[name], row.id).toEqual(expect.any(String));
    expect(fixtures, row.id).toEqual(expect.arrayContaining(Object.keys(request.fixtures)));
    const declared = Object.keys(stages);
    if (declared.some((stage) => stage.includes('…'))) continue; // named by layers, hooks or steps
    const found = stored.golden.meta.stages;
    expect(found, row.id).toEqual(declared.filter((stage) => found.includes(stage)));
  }
});

it.each(methods.map(({ id }) => id))('%s has a quick case', (id) => {
  const quick = golden.cases.filter(({ method, profile }) => method === id && profile === 'quick');
  expect(quick, `golden/cases.jsonl has no quick case of ${id}: add one`).not.toEqual([]);
});

it('the answer for another class fails, at the first stage that the class decides', async () => {
  const rows = ['saliency/tiny-vgg/cat-32', 'grad-cam/tiny-vgg/cat-32'].map(named);
  const cases = rows.map((row) => ({ ...row, target: { class: 9 } }));
  expect(rows.map(({ target }) => target)).not.toContainEqual({ class: 9 });
  const { outcomes, exitStatus } = await verify({ golden, cases, backends: ['wasm'] });
  expect(outcomes).toMatchObject(rows.map(() => ({ status: 'failed', stage: 'gradient' })));
  expect(exitStatus).toBe(1);
});

describe('sketches', () => {
  const port: Port = backendPort('cpu', { deadlineMs: 60_000 });
  beforeAll(async () => void (await port.open()), 120_000);
  afterAll(() => port.stop());

  it.each(['saliency', 'deconv', 'guided-backprop', 'smooth-grad'])(
    'of %s agree with PyTorch, layer by layer',
    async (method) => {
      const id = `${method}/tiny-vgg/cat-32`;
      const expected = golden.readGolden(id);
      const probes = await port.sketch(requestOf(named(id)), expected.meta.sketch);
      expect(firstDivergingLayer(expected, probes!)).toBe(null);
    },
  );

  it('show a wrong ReLU rule where no forward value does', async () => {
    const expected = golden.readGolden('guided-backprop/tiny-vgg/cat-32');
    const probes = await port.sketch(requestOf(named('saliency/tiny-vgg/cat-32')), expected.meta.sketch);
    expect(firstDivergingLayer(expected, probes!)).toMatch(/the gradient at its output \(its output agrees\)/);
  });
});
