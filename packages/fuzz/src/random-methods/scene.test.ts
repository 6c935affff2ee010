import { leafAttributes, opAttributes } from '@touchstone/contract';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { onePassMethods } from './parameters.js';
import { methodScenes } from './scene.js';

const scenes = fc.sample(methodScenes, { seed: 7, numRuns: 1500 });

describe('1500 scenes have', () => {
  const rows = scenes.flatMap(({ description }) => Object.values(description.modules));
  const calls = rows.flatMap((row) => ('calls' in row ? row.calls : []));

  test('every layer, and every function but one that does nothing', () => {
    const leaves = new Set(rows.flatMap((row) => ('attributes' in row ? [row.type] : [])));
    const ops = new Set(calls.flatMap((call) => ('op' in call ? [call.op] : [])));
    expect([...leaves].toSorted()).toEqual(Object.keys(leafAttributes).toSorted());
    expect(Object.keys(opAttributes).filter((op) => !ops.has(op))).toEqual(['dropout']);
  });

  test('every method of one pass with every value of its parameters', () => {
    const drawn = new Map<string, Set<string>>();
    for (const { method, params } of scenes)
      for (const [name, value] of Object.entries(params)) {
        const key = `${method} ${name}`;
        drawn.set(key, (drawn.get(key) ?? new Set()).add(JSON.stringify(value)));
      }
    expect(new Set(scenes.map(({ method }) => method))).toEqual(new Set(onePassMethods.map(({ id }) => id)));
    expect(Object.fromEntries([...drawn].filter(([, values]) => values.size < 2))).toEqual({});
  });

  test('modules that are called twice, batches, odd sizes, zeros, constant regions, huge and tiny scales', () => {
    const share = (holds: (scene: (typeof scenes)[number]) => boolean) => scenes.filter(holds).length / scenes.length;
    const largest = (data: ArrayLike<number>) => Array.from(data).reduce((a, b) => Math.max(a, Math.abs(b)), 0);
    const twice = share(({ description: { modules } }) => {
      const called = Object.values(modules).flatMap((row) => ('calls' in row ? row.calls : []));
      const paths = called.flatMap((call) => ('module' in call ? [call.module] : []));
      return new Set(paths).size < paths.length;
    });
    const shares = {
      twice,
      batches: share(({ x }) => x.shape[0]! > 1),
      odd: share(({ x }) => x.shape[2]! % 2 === 1 && x.shape[2] !== x.shape[3]),
      large: share(({ x }) => Math.min(x.shape[2]!, x.shape[3]!) > 12),
      zeros: share(({ x }) => x.data.includes(0)),
      constant: share(({ x }) => new Set(x.data).size < x.data.length / 2),
      huge: share(({ x }) => largest(x.data) > 1e5),
      tiny: share(({ x }) => largest(x.data) < 1e-5),
    };
    expect(Object.fromEntries(Object.entries(shares).filter(([, found]) => found < 0.03))).toEqual({});
  });
});
