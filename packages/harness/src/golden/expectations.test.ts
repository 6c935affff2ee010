import { describe, expect, it } from 'vitest';
import type { Check, Outcome } from '@touchstone/contract';
import { Expectations, parseExpectations } from './expectations.js';
import { linearCase } from '../testing/linear-golden.js';

const cases = [0, 1].map(linearCase);
const place = { device: 'cpu', platform: 'linux' };
const row = (more: object): string =>
  JSON.stringify({
    match: { case: 'saliency/linear/*', backend: 'wasm' },
    check: 'eMax',
    reason: 'known since long',
    link: 'https://example.org/1',
    expires: '2030-01-01',
    ...more,
  });

const subject = {
  kind: 'outcome',
  case: cases[0]!.id,
  method: 'saliency',
  network: 'linear',
  backend: 'wasm',
} as const;
const failed = (check: Check, backend = 'wasm'): Outcome => ({
  ...subject,
  backend,
  status: 'failed',
  check,
  stage: 'gradient',
  reason: '',
});
const errored = (code: string): Outcome => ({ ...subject, status: 'errored', code, reason: '' });
const passed: Outcome = { ...subject, status: 'passed', stage: 'gradient', reason: null };

function expecting(more: object, today = '2026-01-01', isOfPort = false): Expectations {
  const rows = parseExpectations(`[ // known\n ${row(more)}, ]`);
  return new Expectations({ name: 'expectations.jsonc', rows, isOfPort }, cases, ['cpu', 'wasm'], today);
}

describe('a known failure', () => {
  it('is skipped, with its reason', () => {
    const expectations = expecting({});
    expect(expectations.apply(failed('eMax'), place)).toMatchObject({
      status: 'skipped',
      reason: 'expected: known since long',
    });
    expect(expectations.findings).toEqual([]);
  });

  it.each([
    ['it passes', {}, passed, 'passed; expectations.jsonc expects eMax; delete the row'],
    ['another check fails', {}, failed('shape'), 'failed with shape'],
    ['it errors instead', {}, errored('timeout'), 'errored with timeout'],
    ['the code is another', { check: undefined, code: 'timeout' }, errored('process-crashed'), 'expects timeout'],
  ])('is a finding where %s', (_, more, found, text) => {
    const expectations = expecting(more);
    expect(expectations.apply(found, place)).toEqual(found);
    expect(expectations.findings.join()).toContain(text);
  });

  it.each([
    ['another backend', failed('eMax', 'cpu'), {}],
    ['another platform', failed('eMax'), { condition: { platform: 'darwin' } }],
    ['a damaged golden', errored('golden-damaged'), { check: undefined, code: 'golden-damaged' }],
  ])('says nothing of %s', (_, found, more) => expect(expecting(more).apply(found, place)).toEqual(found));

  it('of a foreign port counts only in a row that names the port', () => {
    const foreign = { ...place, isForeign: true };
    for (const match of [{ method: 'saliency' }, { backend: '*' }, { backend: 'my*' }]) {
      const expectations = expecting({ match });
      expect(expectations.apply(failed('eMax', 'my port'), foreign).status).toBe('failed');
      expect(expectations.apply(failed('eMax', 'my port'), place).status).toBe('skipped');
    }
    const named = expecting({ match: { backend: 'my port' } });
    expect(named.apply(failed('eMax', 'my port'), foreign).status).toBe('skipped');
  });

  it('of a port, in its own file, need not name the port', () => {
    const expectations = expecting({ match: { method: 'saliency' } }, '2026-01-01', true);
    const found = expectations.apply(failed('eMax', 'my port'), { ...place, isForeign: true });
    expect(found).toMatchObject({ status: 'skipped', reason: 'expected: known since long' });
  });

  it('is a finding when it has expired, and does not count any more', () => {
    const expectations = expecting({}, '2030-01-02');
    expect(expectations.findings.join()).toContain('expired on 2030-01-01');
    expect(expectations.apply(failed('eMax'), place).status).toBe('failed');
  });

  it('is a finding when it matches nothing', () =>
    expect(expecting({ match: { case: 'cam/*' } }).findings.join()).toContain('matches no case'));

  it('is none when it matches nothing and further cases are known, such as the goldens next to own images', () => {
    const rows = parseExpectations(`[${row({ match: { case: 'cam/*' } })}]`);
    const file = { name: 'expectations.jsonc', rows, isOfPort: true };
    expect(new Expectations(file, null, ['my port'], '2026-01-01').findings).toEqual([]);
  });

  it.each([
    ['both check and code', { code: 'timeout' }, /either "check" or "code"/],
    ['no match', { match: {} }, /names nothing/],
    ['an unknown check', { check: 'vibes' }, /check/],
    ['no day', { expires: 'soon' }, /expires/],
  ])('with %s is refused', (_, more, text) => {
    expect(() => parseExpectations(`[${row(more)}]`)).toThrowError(
      expect.objectContaining({ code: 'golden-damaged', message: expect.stringMatching(text) as string }),
    );
  });
});

it('comments in strings stay', () => {
  expect(parseExpectations(`[${row({ reason: 'see // and /* here */ ,]' })} /* end, */ , ]`)[0]?.reason).toBe(
    'see // and /* here */ ,]',
  );
});
