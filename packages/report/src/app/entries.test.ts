import { expect, it } from 'vitest';
import { outcomeOf, runOf } from '../page/testing.js';
import { causesOf } from './causes.js';
import { entriesOf, shownIn } from './entries.js';
import { hashOf, viewOf, type View } from './view.js';

const all = viewOf('');
const idsOf = (entries: readonly { readonly case: string; readonly backend: string }[]): string[] =>
  entries.map(({ case: id, backend }) => (backend === 'cpu' ? id : `${id} on ${backend}`));

const legacy = {
  fault: "the legacy grid, TF.js's default",
  mutants: ['legacy-grid'],
  certain: true,
  remedy: 'Resize.',
};
const caused = (id: string) => Object.assign({}, outcomeOf(id, 'failed', 7), { cause: legacy });

it('a cause is told once, with as many failures as its link shows', () => {
  const outcomes = [caused('b/n/one'), caused('b/n/two'), outcomeOf('b/n/other', 'failed', 8)];
  const causes = causesOf(outcomes);
  expect(causes.map(({ cause: { fault }, count, certain }) => [fault, count, certain])).toEqual([
    [legacy.fault, 2, true],
  ]);
  const entries = entriesOf({ runs: [runOf(outcomes)], cases: [] });
  expect(idsOf(shownIn({ ...all, status: 'failed', q: legacy.fault }, entries))).toEqual(['b/n/one', 'b/n/two']);
});

const mixed = {
  runs: [
    runOf([
      outcomeOf('a/n/near', 'passed', 0.9),
      outcomeOf('a/n/skipped', 'skipped'),
      outcomeOf('b/n/failed', 'failed', 7),
      outcomeOf('b/m/far', 'failed', 70, 'wasm'),
      outcomeOf('b/m/broke', 'errored'),
      outcomeOf('a/n/exact', 'passed', 0.1),
    ]),
  ],
  cases: [],
};

it('failures come first, the furthest before others, and passes last', () => {
  const order = ['b/m/far on wasm', 'b/n/failed', 'b/m/broke', 'a/n/skipped', 'a/n/near', 'a/n/exact'];
  expect(idsOf(entriesOf(mixed))).toEqual(order);
});

it.each<[Partial<View>, string[]]>([
  [{ status: 'bad' }, ['b/m/far on wasm', 'b/n/failed', 'b/m/broke']],
  [{ status: 'skipped' }, ['a/n/skipped']],
  [{ method: 'a', network: 'n', status: 'passed' }, ['a/n/near', 'a/n/exact']],
  [{ backend: 'wasm' }, ['b/m/far on wasm']],
  [{ q: 'CRASHED' }, ['b/m/broke']],
  [{ q: 'wasm differs' }, ['b/m/far on wasm']],
  [{ q: 'no such' }, []],
])('%j shows %j', (view, shown) => {
  expect(idsOf(shownIn({ ...all, ...view }, entriesOf(mixed)))).toEqual(shown);
});

it.each([
  ['broken', 'passed', 'failed'],
  ['fixed', 'errored', 'passed'],
  ['other', 'passed', 'skipped'],
  ['new', null, 'passed'],
  ['gone', 'passed', null],
  [null, 'failed', 'failed'],
] as const)('a case is %s: %s, then %s', (change, before, after) => {
  const runs = [before, after].map((status) => runOf(status === null ? [] : [outcomeOf('a/n/x', status)]));
  expect(entriesOf({ runs, cases: [] }).map((entry) => entry.change)).toEqual([change]);
});

it('runs that have one backend each, all different, are compared case by case', () => {
  const runs = ['cpu', 'wasm'].map((backend) => runOf([outcomeOf('a/n/x', 'passed', 0.5, backend)]));
  expect(entriesOf({ runs, cases: [] })).toHaveLength(1);
  expect(entriesOf({ runs: [runs[0]!, ...runs], cases: [] })).toHaveLength(2);
});

it('a view is the same after it was a link, whatever its texts', () => {
  const view = { ...all, q: 'a&b=c #é%', open: '__proto__', on: '<x>' };
  expect(viewOf(hashOf(view))).toEqual(view);
});
