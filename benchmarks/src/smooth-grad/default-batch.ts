import { join } from 'node:path';
import type { HostTensor } from '@touchstone/contract';
import { samplesPerPass } from '@touchstone/methods';
import { parseNetwork } from '@touchstone/network';
import type { ExplainRequest } from '@touchstone/session';
import { readText } from '@touchstone/system';
import { spreadOf } from '../rounds.js';
import { assertAlike } from './entrants.js';
import type { SweepSetup } from './sweep-setup.js';
import type { Turns } from './turns.js';

/** The default, `batch: auto`, to compare with the sweep's best size. */
export async function defaultBatchTurns(
  { backend, ours }: Pick<SweepSetup, 'backend' | 'ours'>,
  request: ExplainRequest,
  expected: HostTensor,
): Promise<Turns> {
  const file = join(request.networkFolder, 'network.json');
  const description = parseNetwork(JSON.parse(readText(file, 'bad-network')), file);
  const automatic = { ...request, params: { ...request.params, batch: 'auto' } };
  assertAlike((await ours.time(automatic, 'ours', { answer: 'average' })).answer!, expected, 'with batch: auto');
  return {
    turns: [async () => (await ours.time(automatic, 'ours')).milliseconds],
    figures: ([faster]) => ({
      auto: { batch: samplesPerPass(description, request.x.shape, backend.passBytes), ratio: spreadOf(faster!) },
    }),
  };
}
