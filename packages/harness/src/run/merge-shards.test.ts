import { describe, expect, it } from 'vitest';
import type { Footer, Header, Outcome, Part, Results } from '@touchstone/contract';
import { mergeShards, type ShardResults } from './merge-shards.js';

const part: Part = {
  hash: 'a'.repeat(64),
  shard: 1,
  shards: 2,
  total: 3,
  places: [0, 2],
  named: [],
  words: ['--method', 'cam'],
};
const header: Header = {
  kind: 'header',
  version: 2,
  touchstone: '1',
  started: '2026-01-02',
  golden: 'g',
  port: { name: 'touchstone', version: '1' },
  backends: [{ id: 'cpu', device: 'a', precision: 'float32', softwareRenderer: false }],
  unavailable: [{ id: 'gone', reason: 'no driver' }],
  machine: 'm',
};
const passed = (id: string): Outcome[] => [
  {
    kind: 'outcome',
    case: id,
    method: 'cam',
    network: 'n',
    backend: 'cpu',
    status: 'passed',
    stage: 's',
    reason: null,
  },
  { kind: 'outcome', case: id, method: 'cam', network: 'n', backend: 'gone', status: 'skipped', reason: 'unavailable' },
];
const controls: Footer['controls'] = [
  { answer: 'right', status: 'passed', check: null },
  { answer: 'wrong', status: 'failed', check: 'e2' },
];
const footer: Footer = {
  kind: 'footer',
  passed: 2,
  failed: 0,
  skipped: 2,
  errored: 0,
  worst: {},
  controls,
  milliseconds: 5,
};

function shard(change: { plan?: Partial<Part>; header?: Partial<Header>; results?: Partial<Results> } = {}): Results {
  const plan = Object.assign({}, part, change.plan);
  const outcomes = plan.places.flatMap((place) => passed(`case-${place}`));
  return Object.assign(
    { header: Object.assign({}, header, { plan }, change.header), outcomes, footer } satisfies Results,
    change.results,
  );
}
const second = { shard: 2, places: [1] };
const merge = (...results: readonly Results[]) =>
  mergeShards(
    results.map((one, i): ShardResults => ({ path: `shard-${i + 1}`, results: one })),
    { commandFor: ({ words }, missing, path) => `run ${words.join(' ')} ${missing} ${path}` },
  );

it('joins the shards in the order of the plan, whatever the order of the files', () => {
  const device = [{ ...header.backends[0]!, device: 'b' }];
  const other = { started: '2026-01-01', machine: 'k', backends: device };
  const merged = merge(shard({ plan: second, header: other }), shard());
  expect(merged.outcomes.map((outcome) => [outcome.case, outcome.backend])).toEqual(
    ['case-0', 'case-1', 'case-2'].flatMap((id) => [
      [id, 'cpu'],
      [id, 'gone'],
    ]),
  );
  expect(merged).toMatchObject({
    exitStatus: 0,
    footer: { passed: 3, skipped: 3, milliseconds: 10, controls: [{}, {}, {}, {}] },
    header: {
      started: '2026-01-01',
      machine: 'm; k',
      backends: [{ device: 'a; b' }],
      plan: { shard: null, places: [0, 1, 2] },
    },
  });
});

it('judges what no shard alone can: findings, and methods of which nothing was judged', () => {
  const named = { named: ['cam', 'saliency'] };
  expect(merge(shard({ plan: named }), shard({ plan: { ...second, ...named } })).exitStatus).toBe(4);
  const found = { footer: { ...footer, findings: ['stale'] } };
  const merged = merge(shard({ results: found }), shard({ plan: second, results: found }));
  expect([merged.exitStatus, merged.footer.findings]).toEqual([1, ['stale']]);
});

describe('refuses', () => {
  const good = shard({ plan: second });
  const far = shard({ plan: { ...second, total: 2 ** 32 } });
  const bad: Partial<Footer> = { controls: [{ answer: 'right', status: 'passed', check: null }] };
  it.each([
    ['no plan', [shard({ header: { plan: undefined } }), good], 64, /shard-1 is not of a shard/],
    ['all of them', [shard({ plan: { shard: null } })], 64, /merged already/],
    ['other versions', [shard({ header: { touchstone: '2' } }), good], 64, /versions of Touchstone: 2 and 1.*\n.*one/],
    ['another number', [shard({ plan: { shards: 3 } }), good], 64, /numbers of shards: 3 and 2/],
    ['another plan', [shard({ plan: { hash: 'b'.repeat(64) } }), good], 64, /plans: bbbbbbbbbbbb and aaaaaaaaaaaa/],
    [
      'other goldens',
      [shard({ plan: { hash: 'b'.repeat(64) }, header: { golden: 'h' } }), good],
      64,
      /goldens: h and g/,
    ],
    ['another port', [shard({ header: { port: { name: 'mine', version: '1' } } }), good], 64, /ports: mine 1 and/],
    ['other backends', [shard({ header: { unavailable: [] } }), good], 64, /backends: .*\n.*--backend/],
    ['a shard twice', [shard(), shard()], 64, /shard-1 and shard-2 are both shard 1\/2/],
    ['a missing shard', [shard()], 4, /shard 2\/2 is missing\n.*run --method cam 2 null/],
    ['no footer', [shard(), shard({ plan: second, results: { footer: null } })], 4, /2\/2 has not.*\n.*2 shard-2/],
    ['a failed control', [shard({ results: { footer: { ...footer, ...bad } } }), good], 4, /1\/2 judged a control/],
    ['no control', [shard({ results: { footer: { ...footer, controls: [] } } }), good], 4, /1\/2 judged a control/],
    ['a place twice', [shard(), shard({ plan: { shard: 2, places: [2] } })], 64, /shard-2 contradicts.*place 2/],
    [
      'a place far off',
      [shard({ plan: { total: 2 ** 32, places: [0, 2 ** 32 - 2] } }), far],
      64,
      /3 of 4294967296 cases/,
    ],
    [
      'a case twice',
      [shard(), shard({ plan: second, results: { outcomes: passed('case-0') } })],
      64,
      /case-0 on cpu is in two/,
    ],
    [
      'more outcomes of the first, which are no skips',
      [shard({ results: { outcomes: [0, 2, 9].flatMap((i) => passed(`case-${i}`)) } }), good],
      64,
      /shard-1 contradicts its plan: it has more/,
    ],
    ['a lost place', [shard({ plan: { places: [0] } }), good], 64, /2 of 3 cases/],
    ['lost outcomes', [shard({ results: { outcomes: passed('case-0') } }), good], 64, /shard-1 contradicts its plan/],
    [
      'more outcomes',
      [shard(), shard({ plan: second, results: { outcomes: [1, 9].flatMap((i) => passed(`${i}`)) } })],
      64,
      /more/,
    ],
  ] as [string, Results[], number, RegExp][])('%s', (_, files, status, text) => {
    try {
      merge(...files);
      expect.unreachable();
    } catch (error) {
      const { message, hint, exitStatus } = error as { message: string; hint: string; exitStatus: number };
      expect([exitStatus, `${message}\n${hint}`]).toEqual([status, expect.stringMatching(text)]);
    }
  });
});
