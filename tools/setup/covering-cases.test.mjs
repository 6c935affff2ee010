import assert from 'node:assert/strict';
import { test } from 'node:test';
import { coveringCases } from './covering-cases.mjs';

test('the first quick case of each method and of each network', () => {
  const row = (method, network, profile = 'quick') => ({ id: `${method}/${network}`, method, network, profile });
  const cases = [
    row('saliency', 'large', 'full'),
    row('saliency', 'a'),
    row('saliency', 'b'),
    row('grad-cam', 'a'),
    row('grad-cam', 'b'),
    row('hooks', 'hooks/random-01'),
    row('hooks', 'hooks/random-02'),
  ];
  assert.deepEqual(coveringCases(cases), ['saliency/a', 'saliency/b', 'grad-cam/a', 'hooks/hooks/random-01']);
});
