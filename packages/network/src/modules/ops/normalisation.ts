import { valuesIn, type OpName } from '@touchstone/contract';
import type { Variable } from '../../autograd/variable.js';
import * as F from '../../functional/functional.js';
import type { Rule, Shape } from '../shape-rules.js';
import type { OpRows } from './row.js';

/** Whether all that are given have this shape. */
const haveShape = (values: readonly Shape[], shape: Shape): boolean =>
  values.every((value) => value.join() === shape.join());

/** x [N,C,…]; the other values are [C]. */
const byChannels: Rule<unknown> = ([x, ...values]) => (x!.length >= 2 && haveShape(values, [x![1]!]) ? x! : null);

const overLast: Rule<{ readonly normalizedShape: Shape }> = ([x, ...values], { normalizedShape }) => {
  const last = x!.slice(-normalizedShape.length);
  return haveShape([last, ...values], normalizedShape) ? x! : null;
};

const affineOf = (weight: Variable | undefined, bias: Variable | undefined) => ({
  weight: weight ?? null,
  bias: bias ?? null,
});

/** Values of the same shape, shifted and scaled. */
export const normalisation = {
  batch_norm: {
    inputs: [3, 5],
    shape: byChannels,
    run: ([x, mean, variance, weight, bias], { eps }) =>
      F.batchNorm(x!, mean!.value, variance!.value, weight ?? null, bias ?? null, eps),
  },
  layer_norm: {
    inputs: [1, 3],
    shape: overLast,
    run: ([x, weight, bias], a) => F.layerNorm(x!, a.normalizedShape.length, affineOf(weight, bias), a.eps),
  },
  rms_norm: {
    inputs: [1, 2],
    shape: overLast,
    run: ([x, weight], a) => F.rmsNorm(x!, a.normalizedShape.length, weight ?? null, a.eps),
  },
  group_norm: {
    inputs: [1, 3],
    shape: (inputs, { numGroups }) => (inputs[0]![1]! % numGroups === 0 ? byChannels(inputs, {}) : null),
    run: ([x, weight, bias], a) => F.groupNorm(x!, a.numGroups, affineOf(weight, bias), a.eps),
  },
  instance_norm: {
    inputs: [1, 3],
    shape: (inputs) => (inputs[0]!.length >= 3 ? byChannels(inputs, {}) : null),
    run: ([x, weight, bias], { eps }) => F.groupNorm(x!, channelsOf(x!), affineOf(weight, bias), eps),
  },
  local_response_norm: {
    shape: ([x]) => (x!.length >= 3 ? x! : null),
    multiplyAdds: ([x]) => valuesIn(x!) * x![1]!,
    largest: ([x]) => Math.max(valuesIn(x!), x![1]! ** 2),
    run: ([x], a) => F.localResponseNorm(x!, a),
  },
} satisfies Partial<OpRows<OpName>>;

function channelsOf({ shape }: Variable): number {
  return shape[shape.length === 4 ? 3 : 1]!;
}
