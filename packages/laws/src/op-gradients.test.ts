import { oracleBackend } from '@touchstone/backends';
import { checkGradients, opExamples } from '@touchstone/network/testing';
import { beforeAll, expect, it } from 'vitest';

beforeAll(() => oracleBackend.open());

// packages/network/src/modules/ops/gradients.test.ts says which functions need an example.
it.each(opExamples.map((example) => [`${example.op} ${JSON.stringify(example.attributes)}`, example] as const))(
  'the gradients of %s are finite differences in double precision',
  (_, example) => {
    const { shapes, derivatives } = checkGradients(example, 1e-5);
    expect(shapes[1]).toEqual(shapes[0]);
    for (const [gradient, difference] of derivatives)
      expect(Math.abs(gradient - difference)).toBeLessThan(2e-7 * Math.max(1, Math.abs(gradient)));
  },
);
