/** Ports that leave out what a case is about. They passed as long as only `attribution` was required. */
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { CaseRow, Stages } from '@touchstone/contract';
import { openGolden } from '../golden/golden-store.js';
import { everyField } from '../testing/every-field.js';
import { compareStages } from './compare-stages.js';

const golden = openGolden(fileURLToPath(new URL('../../../../golden', import.meta.url)));

/** The decision about a right answer of which only some stages are given. */
function decisionOf(row: CaseRow, given: (stage: string) => boolean) {
  const stored = golden.readGolden(row.id);
  const stages: Stages = Object.fromEntries(Object.entries(stored.stages).filter(([stage]) => given(stage)));
  return everyField(compareStages({ ...stored, meta: { ...stored.meta, sampled: {} } }, stages, row.about));
}

const asksForDisplay = ({ params }: CaseRow): boolean => params['display'] === true;
const stagesOf = ({ id }: CaseRow): readonly string[] => golden.readGolden(id).meta.stages;
const isLaterCall = (stage: string): boolean => /#[0-9]+$/.test(stage);

describe.each<[string, (row: CaseRow) => boolean, (stage: string) => boolean, RegExp]>([
  ['only the last map', ({ method }) => method === 'activations', (stage) => stage === 'attribution', /^[^#]+$/],
  [
    'no map of a second call',
    (row) => row.method === 'activations' && stagesOf(row).some(isLaterCall),
    (stage) => !isLaterCall(stage),
    /#2$/,
  ],
  ['no display', asksForDisplay, (stage) => stage !== 'display', /^display$/],
  ['only the kinds of events', ({ method }) => method === 'hooks', (stage) => stage === 'attribution', /^0000 /],
])('a port that gives %s', (_, isMeant, given, missing) => {
  const rows = golden.cases.filter(isMeant);

  it('is rejected in every such case, and the stage is named', () => {
    expect(rows.length).toBeGreaterThanOrEqual(3);
    for (const row of rows.filter(({ id }) => stagesOf({ id } as CaseRow).length > 2)) {
      const { status, check, stage, reason } = decisionOf(row, given);
      expect([row.id, status, check], row.id).toEqual([row.id, 'failed', 'stages']);
      expect(stage, row.id).toMatch(missing);
      expect(reason).toContain(`there is no stage "${stage}" in the answer, which this case requires`);
    }
  });

  it('passes with the stages that the case is about, and no others', () => {
    for (const row of rows.slice(-3)) {
      const required = (stage: string): boolean =>
        stage === 'attribution' || row.about === 'every stage' || row.about.includes(stage);
      expect(decisionOf(row, required), row.id).toMatchObject({ status: 'passed' });
    }
  });
});

it('every case of activations is about its maps, every case with a display about that', () => {
  for (const row of golden.cases) {
    const maps = stagesOf(row).filter((stage) => stage !== 'logits' && stage !== 'attribution');
    if (row.method === 'activations') expect(row.about, row.id).toEqual(maps);
    if (asksForDisplay(row)) expect(row.about, row.id).toContain('display');
    if (row.method === 'hooks') expect(row.about, row.id).toBe('every stage');
  }
});
