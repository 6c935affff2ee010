/** Results for tests of the page: of any outcomes, and malicious ones. */
import { verdictOf, type Footer, type Header, type Outcome } from '@touchstone/contract';
import { countStatuses } from '../tallies.js';
import type { PageRun } from './page-data.js';

export const header: Header = {
  kind: 'header',
  version: 2,
  touchstone: '1',
  started: '2026-01-02T03:04:05.000Z',
  golden: 'a'.repeat(64),
  port: { name: 'touchstone', version: '1' },
  backends: [{ id: 'cpu', device: 'a device', precision: 'float32', softwareRenderer: false }],
  unavailable: [],
  machine: 'a machine',
};

export function footerOf(outcomes: readonly Outcome[]): Footer {
  return { ...countStatuses(outcomes), kind: 'footer', worst: {}, milliseconds: 1000 };
}

export function runOf(outcomes: readonly Outcome[], changes: Partial<PageRun> = {}): PageRun {
  const replays = outcomes.map((outcome) => `touchstone explain ${outcome.case}`);
  const footer = changes.footer === undefined ? footerOf(outcomes) : changes.footer;
  const verdict = verdictOf({ header, outcomes, footer });
  return { header, outcomes, footer, label: '', file: null, verdict, replays, ...changes };
}

/** A case on a backend that passed with error/allowed `ratio`, or failed. */
export function outcomeOf(id: string, status: Outcome['status'], ratio = 0.5, backend = 'cpu'): Outcome {
  const [method, network] = id.split('/') as [string, string];
  const subject = { kind: 'outcome', case: id, method, network, backend } as const;
  const measured = { stage: 'attribution', e2: ratio, eMax: ratio, allowed: 1, allowedMax: 1, ratio, milliseconds: 10 };
  switch (status) {
    case 'passed':
      return { ...subject, ...measured, status, reason: null };
    case 'failed':
      return { ...subject, ...measured, status, check: 'e2', reason: `differs on ${backend}` };
    case 'skipped':
      return { ...subject, status, reason: 'too slow' };
    case 'errored':
      return { ...subject, status, code: 'port-crashed', reason: 'it crashed' };
  }
}

/** Ends elements, attributes, comments and strings; loads and runs something if it is taken for markup. */
export const evil =
  `"'></script></style><script>globalThis.hacked = 1</script><img src=https://example.org/x onerror='hacked=1'>` +
  `<!--\u2028\${alert(1)}\u0000\u001b[2J\u202ejavascript:hacked=1`;

/** All that a results file or a port may say, as a malicious one says it. */
export const evilRun: PageRun = {
  header: {
    ...header,
    touchstone: evil,
    started: evil,
    golden: evil,
    port: { name: evil, version: evil },
    backends: [{ id: evil, device: evil, precision: evil, softwareRenderer: true }],
    unavailable: [{ id: 'gone', reason: evil }],
    machine: evil,
  },
  outcomes: [
    {
      kind: 'outcome',
      case: evil,
      method: evil,
      network: '__proto__',
      backend: evil,
      status: 'failed',
      check: 'e2',
      stage: evil,
      e2: 1,
      eMax: 1,
      allowed: 1,
      allowedMax: 1,
      ratio: 2,
      reason: evil,
      cause: {
        fault: evil,
        mutants: [evil],
        certain: false,
        remedy: evil,
        alternatives: [{ fault: evil, mutants: [evil], remedy: evil }],
      },
      milliseconds: 1,
      peakBytes: 2 ** 31,
    },
    {
      kind: 'outcome',
      case: '__proto__',
      method: '__proto__',
      network: evil,
      backend: '__proto__',
      status: 'errored',
      code: evil,
      reason: evil,
    },
  ],
  footer: null,
  label: evil,
  file: null,
  verdict: { kind: 'incomplete', exitStatus: 4, reasons: [evil], findings: [] },
  replays: [evil, evil],
};
