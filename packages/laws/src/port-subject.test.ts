/** A port that answers with our own methods, from the files that a port reads. */
import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TouchstoneError } from '@touchstone/contract';
import { explain, findMethod } from '@touchstone/methods';
import { loadNetwork } from '@touchstone/network';
import { readNetworkFolder, type ExplainRequest, type Session } from '@touchstone/session';
import { holdTo } from './hold.js';
import type { Subject } from './law.js';
import { findLaw, laws } from './laws.js';
import { openPortSubject } from './port-subject.js';

const asked: ExplainRequest[] = [];
/** Spoils an answer, or refuses it. */
let respond: (request: ExplainRequest) => 'right' | 'unsupported' | 'crash' = () => 'right';

const session = {
  info: { name: 'ours', version: '1', device: 'module', precision: 'unknown', softwareRenderer: false },
  explain: async (request: ExplainRequest) => {
    asked.push(request);
    const how = respond(request);
    if (how === 'unsupported') return { kind: 'skipped', reason: 'unsupported: no ReLU6' };
    if (how === 'crash') return { kind: 'errored', code: 'process-crashed', reason: 'it crashed', leaked: 0 };
    const { description, weights } = readNetworkFolder(request.networkFolder);
    const network = loadNetwork(description, weights);
    try {
      const { stages } = await explain(findMethod(request.method), { ...request, network });
      // As most ports answer: the whole gradient is `attribution`, and not a stage of its own.
      const { gradient: _gradient, average: _average, ...rest } = stages;
      return { kind: 'answered', stages: request.params['reduce'] === 'none' ? rest : stages };
    } catch (error) {
      return { kind: 'errored', code: (error as TouchstoneError).code, reason: String(error), leaked: 0 };
    } finally {
      network.dispose();
    }
  },
  close: async () => undefined,
} as unknown as Session;

let subject: Subject;
let close: () => Promise<void>;
beforeAll(async () => ({ subject, close } = await openPortSubject(session)));
afterAll(() => close());

describe('a right port', () => {
  it.each(laws)('$id: $title', async (law) => {
    const result = await holdTo(law, subject, { seed: 11, runs: 2 });
    if (law.needs === undefined) expect(result).toMatchObject({ status: 'held', judged: 2, unanswered: 0 });
    else expect(result).toMatchObject({ status: 'skipped', reason: `a port has no ${law.needs}` });
  });

  it('is given all parameters, and float32; its networks are removed', () => {
    const request = asked.find(({ method }) => method === 'saliency')!;
    expect(request.params).toEqual({ reduce: 'none', display: false });
    for (const { x, fixtures, networkFolder } of asked) {
      for (const { data } of [x, ...Object.values(fixtures)]) expect(data).toBeInstanceOf(Float32Array);
      expect(existsSync(networkFolder)).toBe(false);
    }
  });
});

describe('another port', () => {
  it('that cannot answer breaks no law: the law is skipped', async () => {
    respond = () => 'unsupported';
    expect(await holdTo(findLaw('L10'), subject, { seed: 11, runs: 3 })).toMatchObject({
      status: 'skipped',
      unanswered: 3,
      reason: 'unsupported: no ReLU6',
    });
  });

  it('that crashes breaks the law, and the example is shrunk', async () => {
    respond = ({ x }) => (x.data.length > 4 ? 'crash' : 'right');
    const result = await holdTo(findLaw('L10'), subject, { seed: 11, runs: 30 });
    expect(result).toMatchObject({ status: 'broken', counterExample: { difference: 'it crashed' } });
  });
});
