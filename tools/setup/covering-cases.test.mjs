import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from './child.mjs';
import { coveringCases, leftOut } from './covering-cases.mjs';

const row = (method, network, profile = 'quick') => ({ id: `${method}/${network}`, method, network, profile });
const cases = [
  row('saliency', 'large', 'full'),
  row('saliency', 'a'),
  row('saliency', 'b'),
  row('saliency', 'slow'),
  row('grad-cam', 'a'),
  row('grad-cam', 'b'),
  row('grad-cam', 'slow'),
  row('cam', 'c'),
  row('hooks', 'hooks/random-01'),
  row('hooks', 'hooks/random-02'),
];
const measured = {
  'grad-cam/b': { cpu: 0.1 },
  'grad-cam/a': { cpu: 0.2 },
  'saliency/a': { cpu: 0.3 },
  'saliency/b': { cpu: 0.4 },
  'hooks/hooks/random-02': { cpu: 0.01 },
};

test('the cheapest quick case of each method, and the one of each network that goes through it', () => {
  assert.deepEqual(coveringCases(cases, measured, { without: ['slow'] }), [
    'saliency/a',
    'saliency/b',
    'grad-cam/b',
    'cam/c',
    'hooks/hooks/random-02',
  ]);
});

test('with pairs, each method on each network too, where that is short', () => {
  assert.deepEqual(coveringCases(cases, measured, { pairs: true }), [
    'saliency/a',
    'saliency/b',
    'saliency/slow',
    'grad-cam/a',
    'grad-cam/b',
    'cam/c',
    'hooks/hooks/random-02',
  ]);
});

test('a network that is left out has no operation that the others lack', () => {
  const all = readFileSync(join(root, 'golden/cases.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  const chosen = new Set(coveringCases(all, {}, { without: leftOut }));
  const networks = new Set(all.filter(({ id }) => chosen.has(id)).map(({ network }) => network));
  const known = new Set([...networks].flatMap(operationsOf));
  for (const network of leftOut) {
    assert(!networks.has(network));
    assert.deepEqual(
      operationsOf(network).filter((operation) => !known.has(operation)),
      [],
      network,
    );
  }
});

/** Of its layers and calls. */
function operationsOf(network) {
  const { modules } = JSON.parse(readFileSync(join(root, 'golden/networks', network, 'network.json'), 'utf8'));
  return Object.values(modules).flatMap(({ type, calls }) =>
    calls === undefined ? [type] : calls.flatMap(({ op }) => (op === undefined ? [] : [`op ${op}`])),
  );
}
