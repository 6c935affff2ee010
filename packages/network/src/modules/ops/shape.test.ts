import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { opAttributes, type OpName } from '@touchstone/contract';
import { beforeAll, expect, it } from 'vitest';
import { Variable } from '../../autograd/variable.js';
import { fromHost, nchwShape } from '../../layout.js';
import { pytorchRules } from '../../rules.js';
import { opRow } from './ops.js';

beforeAll(async () => {
  tf.enableProdMode();
  await tf.setBackend('cpu');
});

type Shape = readonly number[];
interface Row {
  readonly op: OpName;
  readonly inputs: readonly Shape[];
  readonly attributes?: object;
  /** null: the inputs do not fit. */
  readonly shape: Shape | null;
  readonly multiplyAdds?: number;
  readonly largest?: number;
}

const map = [2, 6, 4, 5];
const q = [2, 3, 4, 8];
const attention = { scale: 1, isCausal: false };

const rows: readonly Row[] = [
  { op: 'reshape', inputs: [map], attributes: { shape: [-1, 6, 20] }, shape: [2, 6, 20] },
  { op: 'reshape', inputs: [map], attributes: { shape: [-1, 7] }, shape: null },
  { op: 'reshape', inputs: [map], attributes: { shape: [240, 2] }, shape: null },
  { op: 'permute', inputs: [map], attributes: { dims: [0, 2, 3, 1] }, shape: [2, 4, 5, 6] },
  { op: 'permute', inputs: [map], attributes: { dims: [1, 0] }, shape: null },
  { op: 'expand', inputs: [[1, 1, 3], map], attributes: { shape: [null, -1, 3] }, shape: [2, 1, 3] },
  { op: 'expand', inputs: [[1, 3]], attributes: { shape: [4, 2, 3] }, shape: [4, 2, 3] },
  { op: 'expand', inputs: [[2, 3]], attributes: { shape: [4, 3] }, shape: null },
  { op: 'expand', inputs: [[2, 3]], attributes: { shape: [-1, 2, 3] }, shape: null },
  { op: 'select', inputs: [map], attributes: { dim: 1, index: 5 }, shape: [2, 4, 5] },
  { op: 'select', inputs: [map], attributes: { dim: 1, index: 6 }, shape: null },
  { op: 'select', inputs: [map], attributes: { dim: 4, index: 0 }, shape: null },
  { op: 'slice', inputs: [map], attributes: { dim: 3, start: 1, end: 9, step: 2 }, shape: [2, 6, 4, 2] },
  { op: 'slice', inputs: [map], attributes: { dim: 3, start: 5, end: 9, step: 1 }, shape: null },
  {
    op: 'index_select',
    inputs: [[4, 3]],
    attributes: { dim: 0, index: [1, 1, 3, 1, 0] },
    shape: [5, 3],
    largest: 36, // each of 4 positions three times, in the gradient
  },
  { op: 'index_select', inputs: [[4, 3]], attributes: { dim: 1, index: [3] }, shape: null },
  { op: 'roll', inputs: [map], attributes: { shifts: [1, -1], dims: [2, 3] }, shape: map },
  { op: 'roll', inputs: [map], attributes: { shifts: [1], dims: [4] }, shape: null },
  { op: 'flip', inputs: [map], attributes: { dims: [1, 3] }, shape: map },
  { op: 'flip', inputs: [[2]], attributes: { dims: [1] }, shape: null },
  {
    op: 'matmul',
    inputs: [
      [3, 4],
      [4, 5],
    ],
    shape: [3, 5],
    multiplyAdds: 60,
    largest: 12,
  },
  {
    op: 'matmul',
    inputs: [
      [2, 1, 3, 4],
      [5, 4, 6],
    ],
    shape: [2, 5, 3, 6],
    multiplyAdds: 720,
    largest: 240,
  },
  { op: 'matmul', inputs: [[4], [4]], shape: [], multiplyAdds: 4 },
  { op: 'matmul', inputs: [[4], [5]], shape: null },
  {
    op: 'matmul',
    inputs: [
      [2, 3, 4],
      [3, 4, 5],
    ],
    shape: null,
  },
  { op: 'linear', inputs: [[2, 3, 4], [5, 4], [5]], shape: [2, 3, 5], multiplyAdds: 120 },
  {
    op: 'linear',
    inputs: [
      [2, 3, 4],
      [4, 5],
    ],
    shape: null,
  },
  {
    op: 'scaled_dot_product_attention',
    inputs: [q, [2, 3, 7, 8], [2, 3, 7, 5], [4, 7]],
    attributes: attention,
    shape: [2, 3, 4, 5],
    multiplyAdds: 2 * 3 * 4 * 7 * 13,
    largest: 168,
  },
  { op: 'scaled_dot_product_attention', inputs: [q, q, [2, 3, 5, 8]], attributes: attention, shape: null },
  { op: 'scaled_dot_product_attention', inputs: [q, q, q, [3, 5]], attributes: attention, shape: null },
  { op: 'scaled_dot_product_attention', inputs: [[4], [4], [4]], attributes: attention, shape: null },
];

it.each(rows)(
  '$op of $inputs, $attributes: $shape, as it really is',
  ({ op, inputs, attributes = {}, shape, multiplyAdds, largest }) => {
    expect(opAttributes[op].safeParse(attributes).success).toBe(true);
    const row = opRow(op);
    expect(row.shape(inputs, attributes)).toEqual(shape);
    const run = (): number[] =>
      tf.tidy(() => {
        const zeros = inputs.map((each) =>
          Variable.leaf(fromHost({ shape: each, data: new Float64Array(each.reduce((a, b) => a * b, 1)) })),
        );
        return nchwShape(row.run(zeros, attributes, pytorchRules).shape);
      });
    if (shape === null) {
      expect(run).toThrow();
      return;
    }
    expect(run()).toEqual(shape);
    if (multiplyAdds !== undefined) expect(row.multiplyAdds!(inputs, attributes, shape)).toBe(multiplyAdds);
    if (largest !== undefined) expect(row.largest!(inputs, attributes)).toBe(largest);
  },
);

it.each<[OpName, object, boolean]>([
  ['reshape', { shape: [-1, -1] }, false],
  ['reshape', { shape: [-2] }, false],
  ['permute', { dims: [0, 0] }, false],
  ['permute', { dims: [1, 2] }, false],
  ['permute', { dims: [] }, true],
  ['expand', { shape: [-2] }, false],
  ['select', { dim: -1, index: 0 }, false],
  ['slice', { dim: 0, start: 0, end: 2, step: 0 }, false],
  ['index_select', { dim: 0, index: [] }, false],
  ['roll', { shifts: [1], dims: [1, 2] }, false],
  ['flip', { dims: [] }, false],
])('%s %o is read: %s', (op, attributes, isRead) => {
  expect(opAttributes[op].safeParse(attributes).success).toBe(isRead);
});
