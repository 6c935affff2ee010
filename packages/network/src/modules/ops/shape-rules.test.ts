import { expect, it } from 'vitest';
import { shapeAfter } from '../shapes.js';

const maps = [2, 6, 4, 5];
const eps = 1e-5;

// What PyTorch refuses has no shape; the shapes of what it takes are checked in gradients.test.ts.
it.each([
  { op: 'softmax', attributes: { dim: 4 }, inputs: [maps] },
  { op: 'prelu', attributes: {}, inputs: [maps, [5]] },
  { op: 'prelu', attributes: {}, inputs: [maps, [1, 6]] },
  { op: 'mul', attributes: {}, inputs: [maps, [6]] },
  { op: 'maximum', attributes: {}, inputs: [maps, [3, 4, 5]] },
  { op: 'mean', attributes: { dims: [1, 4], keepdim: false }, inputs: [maps] },
  { op: 'max', attributes: { dim: 2, keepdim: true }, inputs: [[2, 3]] },
  { op: 'batch_norm', attributes: { eps }, inputs: [maps, [6], [5]] },
  { op: 'batch_norm', attributes: { eps }, inputs: [[6], [6], [6]] },
  { op: 'layer_norm', attributes: { normalizedShape: [6], eps }, inputs: [maps] },
  { op: 'layer_norm', attributes: { normalizedShape: [4, 5], eps }, inputs: [maps, [5]] },
  { op: 'rms_norm', attributes: { normalizedShape: [2, 6, 4, 5, 1], eps }, inputs: [maps] },
  { op: 'group_norm', attributes: { numGroups: 4, eps }, inputs: [maps] },
  { op: 'group_norm', attributes: { numGroups: 3, eps }, inputs: [[6]] },
  { op: 'instance_norm', attributes: { eps }, inputs: [[2, 6]] },
  { op: 'local_response_norm', attributes: { size: 3, alpha: 1, beta: 1, k: 1 }, inputs: [[2, 6]] },
])('$op $attributes does not take $inputs', ({ op, attributes, inputs }) => {
  expect(shapeAfter(op, inputs, attributes)).toBeNull();
});
