/** The half-precision tier in a real page: WebGL with its textures forced to half precision, as on some phones. */
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { allowance, coarseness } from '@touchstone/contract';
import { openChildSession } from '@touchstone/session';
import { openGolden } from '../golden/golden-store.js';
import { everyField } from '../testing/every-field.js';
import { verify, type Verification } from '../run/verify.js';

const golden = openGolden(fileURLToPath(new URL('../../../../golden/', import.meta.url)));
const cases = ['grad-cam/tiny-vgg/cat-32/features.6', 'cam/cam-negative/cat-32'].map((id) =>
  golden.cases.find((row) => row.id === id)!,
);

const unavailable = await openChildSession({ backend: 'webgl' }).then(
  (session) => session.close().then(() => null),
  (error: Error) => error.message,
);

it('is 8192 times coarser than float32, in every bound', () => {
  const reference = { e2: 1e-6, eMax: 1e-9 };
  expect(coarseness('float16')).toBe(8192);
  expect(allowance(reference, 'float16')).toEqual({
    e2: 8192 * allowance(reference).e2,
    eMax: 8192 * allowance(reference).eMax,
  });
});

describe.skipIf(unavailable !== null)(
  `webgl in half precision${unavailable === null ? '' : ` is unavailable: ${unavailable}`}`,
  () => {
    let run: Verification;
    beforeAll(async () => {
      vi.stubEnv('TOUCHSTONE_TFJS_FLAGS', 'WEBGL_FORCE_F16_TEXTURES:true');
      run = await verify({ golden, cases, backends: ['webgl'] });
    });
    afterAll(() => vi.unstubAllEnvs());

    it('is found by probing', () => {
      expect(run.header.backends).toMatchObject([{ id: 'webgl', precision: 'float16' }]);
    });

    it('passes by its own bounds, wider than those of float32, and says so', () => {
      expect(run.outcomes.map(({ case: id, status, reason }) => [id, status, reason])).toEqual(
        cases.map(({ id }) => [
          id,
          'passed',
          expect.stringContaining('degraded: judged with the tolerances of half precision'),
        ]),
      );
      for (const { case: id, stage, e2, allowed } of run.outcomes.map(everyField)) {
        const single = allowance(golden.readGolden(id).meta.reference[stage!]!);
        expect(allowed).toBe(8192 * single.e2);
        expect(e2!, id).toBeGreaterThan(4 * single.e2);
      }
    });
  },
);
