import { plainText, type Outcome } from '@touchstone/contract';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { duration, figure } from '../figures.js';
import { plainLines } from '../text.js';
import { tallies } from '../tallies.js';
import { hostileRuns } from '../testing/runs.js';
import { coloursFor } from './colours.js';
import { describeOutcome } from './failure.js';
import { progressOn, roughly } from './progress.js';
import { renderSummary, type Run } from './summary.js';

const plain = coloursFor({}, {});

test('any text is text on a terminal, in lines of ours', () => {
  fc.assert(
    fc.property(hostileRuns, (runs) => {
      for (const { results, verdict, why, replay } of runs) {
        const { header, outcomes, footer } = results;
        const { findings } = verdict;
        const { notJudged = [] } = footer ?? {};
        const { unavailable } = header;
        const text = renderSummary(
          { outcomes, unavailable, footer: footer ?? undefined, findings, notJudged, why, replay },
          plain,
        );
        expect(text).not.toMatch(/(?!\n)\p{C}/u);
      }
    }),
    { numRuns: 40 },
  );
});

test('a table of more methods and backends than there are is cut, whatever it says', () => {
  const many = Array.from({ length: 5000 }, (_, i) => outcome({ case: `c${i}`, method: `m${i}`, backend: `b${i}` }));
  const text = renderSummary(
    {
      outcomes: many.concat(many.map((one) => skipped('gone', `u${one.backend}`))),
      unavailable: many.map(({ backend }) => ({ id: `u${backend}`, reason: 'gone' })),
      findings: [],
      why: new Map(),
      replay: () => '',
    },
    plain,
  );
  expect(text.split('\n').length).toBeLessThan(300);
  expect(text).toMatch(/… and 4900 more methods\n… and 4976 more backends\n/);
});

interface Fields {
  readonly case?: string;
  readonly method?: string;
  readonly backend?: string;
  readonly ratio?: number;
  readonly peakBytes?: number;
}
const subject = { kind: 'outcome', case: 'saliency/n/x', method: 'saliency', network: 'n', backend: 'cpu' } as const;
const measured = { e2: 1e-7, eMax: 2e-7, allowed: 1e-6, allowedMax: 4e-6, ratio: 0.1 };
const outcome = (fields: Fields): Outcome => ({
  ...subject,
  ...measured,
  status: 'passed',
  stage: 'gradient',
  reason: null,
  milliseconds: 3,
  ...fields,
});
const skipped = (reason: string, backend = 'cpu'): Outcome => ({ ...subject, backend, status: 'skipped', reason });
const errored = (code: string, reason: string, more: Fields = {}): Outcome => ({
  ...subject,
  status: 'errored',
  code,
  reason,
  ...more,
});

const failed: Outcome = {
  ...subject,
  ...measured,
  case: 'grad-cam/n/x',
  method: 'grad-cam',
  backend: 'wasm',
  status: 'failed',
  stage: 'weights',
  check: 'e2',
  ratio: 40,
  reason:
    'differs from the golden at stage "weights" (activations agrees)\n' +
    '5 of 32 values differ; worst at [0,17]: got 0.01231, golden 0.01200',
};
const footer = { kind: 'footer', passed: 1, failed: 1, skipped: 0, errored: 0, worst: {}, milliseconds: 4100 } as const;

const run = (outcomes: Outcome[], rest: Partial<Run> = {}) =>
  renderSummary({ outcomes, unavailable: [], findings: [], why: new Map(), replay: () => 'npx …', ...rest }, plain);

test('the table has a cell per method and backend, and a row per backend with its worst case', () => {
  const text = run(
    [
      outcome({ ratio: 0.1 }),
      outcome({ case: 'saliency/n/y', ratio: 0.25 }),
      skipped('', 'wasm'),
      failed,
      outcome({ method: 'grad-cam', backend: 'wasm' }),
    ],
    { footer },
  );
  const rows = text
    .split('\n')
    .slice(0, 7)
    .map((line) => line.trim().split(/ {2,}/));
  expect(rows).toEqual([
    ['method', 'cpu', 'wasm'],
    ['saliency', '✓ 2 (0.25)', '– 1 skipped'],
    ['grad-cam', '✗ 1 of 2 (40)'],
    [''],
    ['backend', 'passed', 'failed', 'skipped', 'errored', 'error/allowed', 'worst case (stage)'],
    ['cpu', '2', '0', '0', '0', '0.25', 'saliency/n/y (gradient)'],
    ['wasm', '1', '1', '1', '0', '40', 'grad-cam/n/x (weights)'],
  ]);
  expect(run([outcome({}), skipped('')])).toContain('✓ 1 of 2 (0.1)');
});

describe('a backend that cannot run', () => {
  const unavailable = [{ id: 'cuda', reason: 'there is no NVIDIA driver here' }];
  const gone = skipped('unavailable: there is no NVIDIA driver here', 'cuda');

  test('has one line, is neither in the table nor among the skips, and is counted', () => {
    const text = run([outcome({}), gone, gone], { unavailable });
    expect(text.match(/cuda.*/g)).toEqual(['cuda is unavailable (2 skipped): there is no NVIDIA driver here']);
    expect(text).toContain('1 passed, 0 failed, 2 skipped');
  });

  test('the same in red if it is required', () => {
    const required = errored('backend-unavailable', 'unavailable: there is no NVIDIA driver here', { backend: 'cuda' });
    expect(run([required, required], { unavailable })).toMatch(
      /^no case was run\n\n✗ cuda is required, but unavailable \(2 errored\): there is no NVIDIA driver here$/m,
    );
  });
});

test('fits the terminal: the backends in several tables, the worst cases below', () => {
  const backends = ['cpu', 'wasm', 'webgl', 'webgpu', 'tensorflow', 'cuda', 'float64'];
  const id = 'class-visualization/efficientnet-lite0/cat-224/blurred';
  const lines = run(
    backends.map((backend) => outcome({ backend, case: id, method: 'class-visualization' })),
    { footer, width: 80 },
  ).split('\n');
  for (const text of lines) expect(text.length).toBeLessThanOrEqual(80);
  expect(lines.filter((text) => text.startsWith('method'))).toHaveLength(2);
  expect(lines.filter((text) => text.includes(`${id} (gradient)`))).toHaveLength(7);
});

test('a failure that cannot be measured is the worst', () => {
  const [tally] = tallies([
    outcome({ ratio: 0.1 }),
    { ...subject, case: 'b', status: 'failed', check: 'shape', stage: 'gradient', reason: '' },
    outcome({ ratio: 3 }),
  ]);
  expect(tally?.worst?.case).toBe('b');
});

describe('a failure', () => {
  test('says where, how far, why and how to replay, in a dozen lines', () => {
    expect(describeOutcome(failed, 'catches pooling over the wrong axes', 'npx touchstone verify …', plain)).toEqual([
      '✗ grad-cam/n/x on wasm: differs from the golden at stage "weights" (activations agrees)',
      '    5 of 32 values differ; worst at [0,17]: got 0.01231, golden 0.01200',
      '    why this case exists: catches pooling over the wrong axes',
      '    replay: npx touchstone verify …',
    ]);
    const long = describeOutcome(
      { ...failed, reason: Array.from({ length: 50 }, (_, i) => `line ${i}`).join('\n') },
      'w',
      'npx …',
      plain,
    );
    expect(long.length).toBeLessThanOrEqual(12);
    expect(long.join('\n')).toContain('… and 43 more lines');
  });

  test('an error is shown with its code', () => {
    expect(
      describeOutcome(
        errored('timeout', 'no answer', { case: 'grad-cam/n/x', backend: 'wasm' }),
        undefined,
        'npx …',
        plain,
      )[0],
    ).toBe('✗ grad-cam/n/x on wasm: errored (timeout): no answer');
  });
});

test('the last line counts, and without a footer the run is incomplete', () => {
  const last = (text: string) => text.trimEnd().split('\n').at(-1);
  expect(last(run([outcome({}), failed], { footer }))).toBe('1 passed, 1 failed, 0 skipped, 0 errored in 4.1 s');
  expect(last(run([outcome({})]))).toBe('incomplete: 1 passed, 0 failed, 0 skipped, 0 errored before it ended');
});

describe('a port that answers a part of the cases', () => {
  const unanswered: Outcome = { ...subject, status: 'skipped', reason: 'no output', unanswered: true };
  const last = (outcomes: Outcome[], rest: Partial<Run> = {}) =>
    run(outcomes, { footer: { ...footer, failed: 0 }, ...rest })
      .trimEnd()
      .split('\n')
      .at(-1);
  const many = Array.from({ length: 15 }, () => unanswered);

  test.each<[outcomes: Outcome[], words: string]>([
    [[outcome({}), ...many], '1 passed, 15 of 16 not answered in 4.1 s'],
    [[outcome({}), failed, ...many], '1 passed, 1 failed, 15 of 17 not answered in 4.1 s'],
    [
      [outcome({}), errored('timeout', ''), skipped('expected: known'), unanswered],
      '1 passed, 1 errored, 1 skipped, 1 of 4 not answered in 4.1 s',
    ],
    [[unanswered], '0 passed, 1 of 1 not answered in 4.1 s'],
  ])('the last line says of how many: %#', (outcomes, words) => expect(last(outcomes)).toBe(words));

  test('is not green', () => {
    const green = coloursFor({}, { FORCE_COLOR: '1' });
    const line = (outcomes: Outcome[]) =>
      renderSummary({ outcomes, unavailable: [], footer, findings: [], why: new Map(), replay: () => '' }, green)
        .trimEnd()
        .split('\n')
        .at(-1)!;
    expect(line([outcome({})])).toContain(green.green('x').slice(0, 5));
    expect(line([outcome({}), unanswered])).toContain(green.yellow('x').slice(0, 5));
  });
});

test('a port that broke the rules is named, and the run is incomplete though everything passed', () => {
  const text = run([outcome({})], { faults: ['my port: at its end: no bye'] });
  expect(text).toContain('✗ my port: at its end: no bye');
  expect(text.trimEnd().split('\n').at(-1)).toBe(
    'incomplete: 1 passed, 0 failed, 0 skipped, 0 errored from a port that broke the rules',
  );
});

test('heavy cases and those that held more than 1 GiB are listed, the largest first', () => {
  const GiB = 2 ** 30;
  const peaks: [string, number | undefined][] = [
    ['a', GiB],
    ['b', 1.26 * GiB],
    ['c', undefined],
    ['d', 3.5 * GiB],
  ];
  const text = run(
    peaks.map(([id, peakBytes]) => outcome({ case: id, ...(peakBytes === undefined ? {} : { peakBytes }) })),
    { footer },
  );
  expect(text).toContain('peak memory  backend  case\n   3.50 GiB  cpu      d\n   1.26 GiB  cpu      b\n\n');
  expect(run([outcome({ peakBytes: GiB })])).not.toContain('peak memory');
  expect(
    run([outcome({ case: 'e', peakBytes: 0.35 * GiB }), outcome({ case: 'f', peakBytes: GiB })], {
      heavy: new Set(['e']),
    }),
  ).toContain('peak memory  backend  case\n   0.35 GiB  cpu      e\n\n');
  const many = run(
    Array.from({ length: 70 }, (_, i) => outcome({ peakBytes: (2 + i / 10) * GiB })),
    { footer },
  );
  expect(many.match(/\d GiB /g)).toHaveLength(60);
  expect(many).toContain('… and 7 more, none above 2.90 GiB');
  // TensorFlow on a GPU holds this much from its first case on
  const engine = Array.from({ length: 30 }, (_, i) => outcome({ backend: 'cuda', peakBytes: (1.3 + i / 1000) * GiB }));
  expect(run(engine)).not.toContain('peak memory');
  expect(run([...engine, outcome({ case: 'vgg', backend: 'cuda', peakBytes: 3 * GiB })])).toContain(
    'peak memory  backend  case\n   3.00 GiB  cuda     vgg\n\n',
  );
});

test('skips are grouped by reason, and many failures are cut', () => {
  const skips = Array.from({ length: 3 }, () => skipped('no output'));
  expect(run(skips)).toContain('– 3 skipped on cpu: no output');
  const noted = Array.from({ length: 2 }, () => ({ ...outcome({}), reason: 'stages unknown' }) as Outcome);
  expect(run(noted)).toContain('– 2 passed on cpu: stages unknown');
  const text = run(Array.from({ length: 13 }, () => failed));
  expect(text.match(/^✗/gm)).toHaveLength(10);
  expect(text).toContain('… and 3 more that failed');
});

test.each([
  ['\u001b[31mred\u001b[0m', 'red'],
  ['\u001b]0;title\u0007text', 'text'],
  ['a\r\nb\tc', 'a b c'],
  ['\u202eevil\u0000\u0008\u009b', 'evil'],
  ['x'.repeat(400), `${'x'.repeat(299)}…`],
])('plain text of %j', (foreign, harmless) => {
  expect(plainText(foreign, 300)).toBe(harmless);
});

test('foreign text reaches the terminal cleaned', () => {
  const text = run([errored('internal', '\u001b[31m', { case: '\u001b[2Jc', backend: 'b\u0007' })], {
    findings: ['\u001b[1A'],
  });
  // oxlint-disable-next-line no-control-regex
  expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
});

test('lines, figures and durations', () => {
  expect(plainLines('a\n\nb\r\nc', 2)).toEqual(['a', '… and 2 more lines']);
  expect([null, 0, 0.12345, 1e-7, 123_456, Infinity].map(figure)).toEqual(['–', '0', '0.123', '1.0e-7', '1.2e+5', '∞']);
  expect([1234, 45_600, 125_000].map(duration)).toEqual(['1.2 s', '46 s', '2 min 5 s']);
});

test.each([
  { stream: { isTTY: true }, env: {}, coloured: true },
  { stream: {}, env: {}, coloured: false },
  { stream: { isTTY: true }, env: { NO_COLOR: '1' }, coloured: false },
  { stream: { isTTY: true }, env: { TERM: 'dumb' }, coloured: false },
  { stream: {}, env: { FORCE_COLOR: '1' }, coloured: true },
  { stream: { isTTY: true }, env: { FORCE_COLOR: '0' }, coloured: false },
  { stream: {}, env: { CI: 'true' }, coloured: false },
])('colours: $stream $env', ({ stream, env, coloured }) => {
  expect(coloursFor(stream, env).red('x') !== 'x').toBe(coloured);
});

test.each([
  [3, 'a few seconds'],
  [42, 'about 40 s'],
  [200, 'about 3 min'],
])('%d seconds are %s', (seconds, text) => expect(roughly(seconds)).toBe(text));

describe('progress', () => {
  test.each([
    { isTTY: true, expected: ['\r\u001b[2K1/9  a', '\r\u001b[2K3/9, about 40 s left  c', '\r\u001b[2K'] },
    { isTTY: false, expected: ['4/9  d\n'] },
  ])('terminal: $isTTY', ({ isTTY, expected }) => {
    const written: string[] = [];
    let now = 0;
    const progress = progressOn({ isTTY, write: (text) => written.push(text) }, () => now);
    progress.update(1, 9, 'a');
    now = 50;
    progress.update(2, 9, 'b');
    now = 150;
    progress.update(3, 9, 'c', 42);
    if (!isTTY) {
      now = 5100;
      progress.update(4, 9, 'd');
    }
    progress.end();
    expect(written).toEqual(expected);
  });
});

test('one fault is told once, as the cause that explains most; what explains all of them too is said', () => {
  const named = (fault: string) => ({ fault, mutants: [], remedy: null });
  const failing = (id: string, first: string, ...others: string[]): Outcome => ({
    ...failed,
    case: id,
    cause: { ...named(first), certain: true, alternatives: others.map(named) },
  });
  const outcomes = [
    failing('a', 'min-max', 'after', 'other'),
    failing('b', 'divided', 'after', 'other'),
    failing('c', 'after', 'other'),
    failing('d', 'divided', 'after', 'other'),
    failing('e', 'apart'),
  ];
  const lines = run(outcomes, { footer }).split('\n');
  expect(lines.filter((line) => /cause of|^ +or:/.test(line))).toEqual([
    '✗ likely cause of 4 failures: after',
    '    or: other, which gives the same in all of them',
  ]);
  expect(lines.filter((line) => line.startsWith('✗'))).toHaveLength(2);
});

test('a cause of several failures is said once, with the remedy, the cases and how to replay the first', () => {
  const cause = { fault: 'class off by one', mutants: ['class-after'], certain: true, remedy: 'Count from 0.' };
  const failures = Array.from({ length: 8 }, (_, i): Outcome => ({ ...failed, case: `grad-cam/n/${i}`, cause }));
  const other: Outcome = { ...failed, case: 'saliency/n/y', cause: { ...cause, fault: 'another', certain: false } };
  const lines = run([...failures, other, { ...other, backend: 'cpu' }], { footer }).split('\n');
  const from = lines.findIndex((line) => line.includes('cause of 8'));
  expect(lines.slice(from, from + 10)).toEqual([
    '✗ likely cause of 8 failures: class off by one (mutant class-after)',
    '    remedy: Count from 0.',
    ...[0, 1, 2, 3, 4, 5].map((i) => `    grad-cam/n/${i} on wasm, stage "weights"`),
    '    … and 2 more, which are in the results',
    '    replay: npx …',
  ]);
  expect(lines).toContain('✗ could be the cause of 2 failures: another (mutant class-after)');
});
