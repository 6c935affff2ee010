import { backends } from '@touchstone/backends';
import { TouchstoneError } from '@touchstone/contract';
import { expect, it } from 'vitest';
import { overBackends } from './over-backends.js';
import { methodRow } from './testing/rows.js';

async function measured(
  asked: readonly string[] | undefined,
  faults: Readonly<Record<string, Error>>,
): Promise<{ rows: string[]; told: string[]; error: unknown }> {
  const rows: string[] = [];
  const told: string[] = [];
  const options = {
    rounds: 1,
    seconds: 1,
    python: null,
    golden: '',
    known: [],
    onProgress: (message: string) => void told.push(message),
    ...(asked && { backends: asked }),
  };
  try {
    for await (const { backend } of overBackends(options, async function* ({ id }) {
      if (faults[id]) throw faults[id];
      yield methodRow({ backend: id });
    }))
      rows.push(backend);
    return { rows, told, error: null };
  } catch (error) {
    return { rows, told, error };
  }
}

const all = backends.map(({ id }) => id);
const unavailable = new TouchstoneError('backend-unavailable', 'not set up');
const wrong = new TouchstoneError('internal', 'differs from float64');

it.each([
  { what: 'all of them', asked: undefined, faults: {}, rows: all, error: null },
  { what: 'those asked for', asked: ['wasm'], faults: {}, rows: ['wasm'], error: null },
  {
    what: 'those there are',
    asked: undefined,
    faults: { cpu: unavailable },
    rows: all.filter((id) => id !== 'cpu'),
    error: null,
  },
  {
    what: 'an error for one asked for that is unavailable, after the others',
    asked: ['cpu', 'wasm'],
    faults: { cpu: unavailable },
    rows: ['wasm'],
    error: unavailable,
  },
  {
    what: 'an error for a wrong one, after the others',
    asked: undefined,
    faults: { cpu: wrong },
    rows: all.filter((id) => id !== 'cpu'),
    error: wrong,
  },
  {
    what: 'nothing more after a fault of our own',
    asked: undefined,
    faults: { [all[1]!]: new TypeError('x') },
    rows: all.slice(0, 1),
    error: new TypeError('x'),
  },
])('$what', async ({ asked, faults, rows, error }) => {
  const found = await measured(asked, faults);
  expect(found).toMatchObject({ rows, error });
  for (const [id, fault] of Object.entries(faults))
    if (fault instanceof TouchstoneError) expect(found.told).toEqual([`${id} left out: ${fault.message}`]);
});
