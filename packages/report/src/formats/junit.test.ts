import fc from 'fast-check';
import { expect, it } from 'vitest';
import { damaged, errored, failed, footerOf, hostileRuns, passed, runOf, skipped } from '../testing/runs.js';
import { elementsOf, parseXml, type XmlElement } from '../testing/xml.js';
import { renderJUnit } from './junit.js';

/** What junit-10.xsd of Jenkins's xUnit plugin allows: element → children, required and other attributes. */
const schema: Readonly<Record<string, readonly [children: string, required: string, others: string]>> = {
  testsuites: ['testsuite', '', 'name time tests failures errors'],
  testsuite: ['properties testcase', 'name tests failures errors', 'time skipped timestamp'],
  properties: ['property', '', ''],
  property: ['', 'name value', ''],
  testcase: ['skipped error failure', 'name', 'time classname'],
  failure: ['', '', 'type message'],
  error: ['', '', 'type message'],
  skipped: ['', '', 'type message'],
};

function checkAgainstSchema({ name, attributes, children }: XmlElement): void {
  const [inner, required, others] = schema[name]!.map((words) => words.split(' '));
  const given = Object.keys(attributes);
  expect(inner).toEqual(expect.arrayContaining([...new Set(children.map((child) => child.name))]));
  expect(given).toEqual(expect.arrayContaining(required!.filter((word) => word !== '')));
  expect([...required!, ...others!]).toEqual(expect.arrayContaining(given));
  if (attributes['time'] !== undefined) expect(attributes['time']).toMatch(/^\d+\.\d{3}$/);
}

it.each([1e300, -1])('%d ms, in the year 100000, is valid', (milliseconds) => {
  const outcome = Object.assign({}, passed, { milliseconds });
  const root = parseXml(renderJUnit([runOf([outcome], { header: { started: '+100000-01-01T00:00:00Z' } })]));
  for (const element of elementsOf(root)) {
    checkAgainstSchema(element);
    expect(element.attributes['timestamp']).toBeUndefined();
  }
});

it('any text is well-formed XML, and valid; each count is that of its elements', () => {
  fc.assert(
    fc.property(hostileRuns, (runs) => {
      const root = parseXml(renderJUnit(runs));
      const all = elementsOf(root);
      for (const element of all) checkAgainstSchema(element);
      const count = (name: string): string => String(all.filter((element) => element.name === name).length);
      expect(root.attributes).toMatchObject({
        tests: count('testcase'),
        failures: count('failure'),
        errors: count('error'),
      });
      const outcomes = runs.flatMap(({ results, verdict }) => [...results.outcomes, ...verdict.reasons]);
      expect(count('testcase')).toBe(String(outcomes.length));
    }),
    { numRuns: 40 },
  );
});

it('a suite per method and backend, with the whole failure and where it came from', () => {
  const other = { ...passed, method: 'saliency', case: 'saliency/n/x' };
  const root = parseXml(renderJUnit([runOf([passed, failed, errored, skipped, other])]));
  const [cam, saliency] = root.children as [XmlElement, XmlElement];
  expect(cam.attributes).toEqual({
    name: 'cam on wasm',
    tests: '4',
    failures: '1',
    errors: '1',
    skipped: '1',
    time: '1.234',
    timestamp: '2026-11-28T10:00:00',
  });
  expect(saliency.attributes).toMatchObject({ name: 'saliency on wasm', tests: '1' });
  const properties = cam.children[0]!.children.map(({ attributes }) => [attributes['name'], attributes['value']]);
  expect(Object.fromEntries(properties)).toMatchObject({
    port: 'my port',
    device: 'a device',
    goldens: 'aaaaaaaaaaaa',
  });
  const [ok, failure, error, skip] = cam.children.slice(1).map(({ children }) => children[0]);
  expect(ok).toBeUndefined();
  expect([failure!.name, failure!.attributes]).toEqual(['failure', { message: 'differs', type: 'e2' }]);
  expect(failure!.text).toBe(
    '✗ cam/n/y on wasm: differs\n    5 of 32 values\n    replay: npx touchstone explain cam/n/y',
  );
  expect([error!.name, error!.attributes]).toEqual(['error', { message: 'too slow', type: 'timeout' }]);
  expect([skip!.name, skip!.attributes]).toEqual(['skipped', { message: 'too large' }]);
});

it.each([
  ['incomplete', runOf([passed], { footer: null }), 'error', 'incomplete'],
  ['nothing judged', runOf([skipped]), 'error', 'errored'],
  ['a finding', runOf([passed], { footer: footerOf([passed], { findings: ['a row'] }) }), 'failure', 'failed'],
  ['a damaged golden', runOf([damaged]), 'error', 'golden-damaged'],
])('a run that is not fine has a test case that is not: %s', (_, run, name, type) => {
  const found = elementsOf(parseXml(renderJUnit([run]))).filter((element) => element.name === name);
  expect(found.map(({ attributes }) => attributes['type'])).toEqual([type]);
});

it('several files: each suite is named after its file', () => {
  const runs = ['a', 'b'].map((label) => runOf([passed], { label }));
  const root = parseXml(renderJUnit(runs));
  expect(root.children.map(({ attributes }) => attributes['name'])).toEqual(['a: cam on wasm', 'b: cam on wasm']);
});
