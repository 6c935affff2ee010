import type { Header, Outcome } from '@touchstone/contract';
import { findGolden } from '@touchstone/system';
import { expect, it } from 'vitest';
import { givenOf, replayFrom } from './given.js';

const outcome: Outcome = {
  kind: 'outcome',
  case: 'saliency/n/x',
  method: 'saliency',
  network: 'n',
  backend: 'wasm',
  status: 'skipped',
  reason: 'r',
};
const headerOf = (name: string, given: Header['given']): Header => ({
  kind: 'header',
  version: 2,
  touchstone: '1',
  started: 'now',
  golden: 'a',
  port: { name, version: '1' },
  given,
  backends: name === 'touchstone' ? [] : [{ id: name, device: 'd', precision: 'p', softwareRenderer: false }],
  unavailable: [],
  machine: 'm',
});

it.each([
  ['our backends', {}, 'explain saliency/n/x --backend wasm'],
  ['with more time', { deadline: 900 }, 'explain saliency/n/x --backend wasm --deadline 900'],
  ['a port', { port: 'cmd:python p.py' }, "explain saliency/n/x --port 'cmd:python p.py'"],
  ['other goldens', { port: './p.mjs', golden: 'mine' }, 'explain saliency/n/x --port ./p.mjs --golden mine'],
  ['outputs', { outputs: 'out' }, 'explain saliency/n/x --outputs out'],
  [
    'an image of the user',
    { network: ['./net'], image: 'cat.jpg', set: ['a=1'] },
    'verify --backend wasm --method saliency --network ./net --image cat.jpg --set a=1',
  ],
  [
    'the same with a port',
    { network: ['n'], image: 'c.png', port: './p.mjs' },
    'verify --port ./p.mjs --method saliency --network n --image c.png',
  ],
  [
    'with more time, on one of many images',
    { network: ['n'], images: 'photos/*.png', port: './p.mjs', deadline: 900 },
    "verify --port ./p.mjs --method saliency --network n --images 'photos/*.png' --case saliency/n/x --deadline 900",
  ],
  ['a selection of cases, which each case has by itself', { network: ['n'] }, 'explain saliency/n/x --backend wasm'],
])('%s: what is kept repeats the case', (_, options, command) => {
  const name = 'port' in options || 'outputs' in options ? 'my port' : 'touchstone';
  const given = givenOf(Object.assign({ deadline: 120, golden: findGolden() }, options));
  expect(replayFrom(headerOf(name, given), outcome)).toBe(`npx touchstone ${command}`);
});

it('a file that does not say which port it was', () => {
  const command = replayFrom(headerOf('my port', undefined), outcome);
  expect(command).toBe('npx touchstone explain saliency/n/x --port PORT');
});
