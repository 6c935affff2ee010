/** Goldens that keep a sample of their large stages. */
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { sample, type Outcome, type Stages } from '@touchstone/contract';
import type { Golden } from './golden-file.js';
import { openGolden, type GoldenStore } from './golden-store.js';
import { guidedAtSwitch, poolAtSwitch, saliencyAtSwitch, writeSwitchGolden } from '../testing/switch-golden.js';
import { everyField } from '../testing/every-field.js';
import { judgedAsFiles } from '../testing/judged-as-files.js';
import { linearCase, linearStages, temporaryFolder, writeLinearGolden } from '../testing/linear-golden.js';
import { verify } from '../run/verify.js';

/** A store whose goldens have every n-th value of gradient and attribution. */
function keepingSamples(root: string, every: number): GoldenStore {
  const golden = openGolden(root);
  const read = golden.readGolden.bind(golden);
  golden.readGolden = (id) => sampled(read(id), every);
  return golden;
}

function sampled({ meta, stages, ...rest }: Golden, every: number): Golden {
  const samplings = Object.fromEntries(
    ['gradient', 'attribution'].map((name) => [name, { shape: [...stages[name]!.shape], every }]),
  );
  const kept: Stages = Object.fromEntries(
    Object.entries(stages).map(([name, stage]) => [name, samplings[name] ? sample(stage, samplings[name]) : stage]),
  );
  return { ...rest, meta: { ...meta, sampled: samplings }, stages: kept };
}

describe('of a linear network', () => {
  const root = temporaryFolder();
  writeLinearGolden(root);
  const golden = keepingSamples(root, 5);

  it('our own port passes, and reports its peak memory', async () => {
    const { outcomes } = await verify({ golden, cases: [linearCase(0), linearCase(7)], backends: ['cpu', 'float64'] });
    expect(outcomes.map(({ status, reason }) => [status, reason])).toEqual(outcomes.map(() => ['passed', null]));
    for (const { peakBytes } of outcomes.map(everyField)) expect(peakBytes).toBeGreaterThan(2 ** 24);
  });

  describe('a port that answers', () => {
    const zeros =
      /5 of 5 \(of 24\) values differ; worst at \[0,\d,\d,\d\][^]*\ncould be: nothing but zeros \(mutant all-zeros/;
    let byClass: Record<number, Outcome>;
    const classes = [0, 1, 2, 3, 13, 15, 19];
    beforeAll(async () => {
      const port = fileURLToPath(new URL('../testing/port.mjs', import.meta.url));
      const { outcomes } = await verify({ golden, cases: classes.map(linearCase), port });
      byClass = Object.fromEntries(outcomes.map((outcome, i) => [classes[i]!, outcome]));
    }, 60_000);

    it.each([
      [0, 'rightly', 'passed', null, /^null$/],
      [1, 'zeros', 'failed', 'e2', zeros],
      [2, 'NaN', 'failed', 'non-finite', /24 of 24 values disagree in being NaN/],
      [3, 'another shape', 'failed', 'shape', /\[1,2,4,3\], golden \[1,2,3,4\]/],
      [15, 'nothing', 'failed', 'stages', /no stage "attribution"/],
      [19, 'a wrong earlier stage', 'failed', 'e2', /stage "gradient"/],
    ])('class %d, %s: %s', (target, _, status, check, reason) => {
      expect(everyField(byClass[target]!)).toMatchObject({ status, check });
      expect(String(byClass[target]!.reason)).toMatch(reason);
    });
  });

  it('names the position in the whole stage, and a transposition, though only a sample is stored', async () => {
    const outcomeOf = async (stages: Stages): Promise<Outcome> =>
      (await judgedAsFiles(golden, linearCase(2), [stages]))[0]!;
    const right = linearStages(2);
    const { shape, data } = right['attribution']!;
    const spoilt = { shape, data: data.map((value, i) => (i === 15 ? value + 1 : value)) };
    expect((await outcomeOf({ attribution: spoilt })).reason).toMatch(
      /^differs .*\n1 of 5 \(of 24\) values differ; worst at \[0,1,0,3\]: got/,
    );
    const transposed = {
      shape: [1, 2, 4, 3],
      data: data.map((_, i) => data[i - (i % 12) + (i % 3) * 4 + Math.floor((i % 12) / 3)]!),
    };
    const exchanged = /rows and columns exchanged; only [45] numbers show it\nremedy: .* before width: \[N,C,H,W\]\.$/;
    expect((await outcomeOf({ attribution: transposed })).reason).toMatch(exchanged);
    expect((await outcomeOf({ attribution: { shape, data: transposed.data } })).reason).toMatch(exchanged);
    expect((await outcomeOf({ attribution: { shape, data: data.map((value) => 3 * value) } })).reason).toMatch(
      /could be: off by the constant factor 3; only [45] numbers show it$/,
    );
    expect(
      (
        await outcomeOf({
          attribution: { shape: [1, 2, 3, 4], data: data.map((value, i) => (i === 1 ? Infinity : value)) },
        })
      ).reason,
    ).toMatch(/first at \[0,0,0,1\]: got Infinity, golden is a number/);
  });
});

it('a case at a switch point is arbitrated on its samples', async () => {
  const root = temporaryFolder();
  writeSwitchGolden(root);
  const golden = keepingSamples(root, 2);
  const cases = [saliencyAtSwitch, guidedAtSwitch, poolAtSwitch];
  const { outcomes } = await verify({ golden, cases, backends: ['wasm'] });
  expect(outcomes.map(({ status, reason }) => [status, reason])).toEqual(
    outcomes.map(() => [
      'passed',
      'arbitrated in float64 under its own masks: 1 unit on the other side of a switch point',
    ]),
  );
});
