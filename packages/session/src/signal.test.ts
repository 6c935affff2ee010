/** What a session leaves on the signal that ends it: nothing. */
import { getEventListeners } from 'node:events';
import { expect, it } from 'vitest';
import { openChildSession, openSession } from './open-session.js';

const listeners = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;

const inPage = await openSession({ backend: 'webgl' }).then(
  async (session) => {
    await session.close();
    return session.runtime === 'page';
  },
  () => false,
);

it.each([
  ['this process', openSession, 'cpu', 0],
  ['a child process', openChildSession, 'cpu', 1],
  ...(inPage ? ([['a page', openSession, 'webgl', 1]] as const) : []),
] as const)('nothing of a session in %s that is closed', async (_, openIt, backend, whileOpen) => {
  const { signal } = new AbortController();
  const session = await openIt({ backend }, { signal });
  expect(listeners(signal)).toBe(whileOpen);
  await session.close();
  expect(listeners(signal)).toBe(0);
});

it.each([openSession, openChildSession])('nothing of a session that does not open: %o', async (openIt) => {
  const { signal } = new AbortController();
  await expect(openIt({ backend: 'wasn' }, { signal })).rejects.toThrow();
  expect(listeners(signal)).toBe(0);
});

it.skipIf(!inPage)('nothing of a page that it has ended', async () => {
  const stopping = new AbortController();
  const session = await openSession({ backend: 'webgl' }, { signal: stopping.signal });
  stopping.abort();
  await expect.poll(() => session.tensors().catch(String)).toMatch(/Chromium ended|closed/);
  expect(listeners(stopping.signal)).toBe(0);
  await session.close();
});
