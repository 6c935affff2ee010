/** Goldens whose end postconditions judge: fooling images of a linear network. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { findBackend } from '@touchstone/backends';
import {
  writeSafetensors,
  type CaseRow,
  type GoldenMeta,
  type HostTensor,
  type Outcome,
  type Stages,
} from '@touchstone/contract';
import { explain, findMethod } from '@touchstone/methods';
import { loadNetwork } from '@touchstone/network';
import { howPostconditionsFail } from './postconditions.js';
import { openGolden, type GoldenStore } from '../golden/golden-store.js';
import { readNetworkFolder } from '@touchstone/session';
import { everyField } from '../testing/every-field.js';
import { judgedAsFiles } from '../testing/judged-as-files.js';
import { temporaryFolder, writeLinearGolden } from '../testing/linear-golden.js';
import { writeManifest } from '../golden/write-manifest.js';
import { verify } from '../run/verify.js';

const root = temporaryFolder();
const row: CaseRow = {
  id: 'fooling-image/linear/x',
  method: 'fooling-image',
  network: 'linear',
  input: 'x',
  target: { class: 3 },
  params: { rate: 0.125 },
  profile: 'quick',
  sampled: false,
  about: [],
  why: 'postconditions judge the end of it',
};
/** The decimals in which a stage agrees with its golden: the network is linear, so float32 is near. */
const near = { e2: 1e-6, eMax: 1e-6 };
let golden: GoldenStore;
let right: Stages;

beforeAll(async () => {
  writeLinearGolden(root);
  await findBackend('float64').open();
  const { description, weights } = readNetworkFolder(join(root, 'networks/linear'));
  const network = loadNetwork(description, weights);
  const x = openGolden(root).readInput('x');
  right = (await explain(findMethod(row.method), { network, x, target: row.target, params: row.params, fixtures: {} }))
    .stages;
  network.dispose();
  const { steps, attribution, ...compared } = right;
  const meta: GoldenMeta = {
    case: row.id,
    stages: Object.keys(right),
    reference: Object.fromEntries(Object.keys(compared).map((name) => [name, near])),
    sampled: {},
    claimed: { steps: [...steps!.shape], attribution: [...attribution!.shape] },
    multiplyAdds: 0,
    margin: { relu: null, pool: null },
    atRisk: 0,
    flips: [],
    sketch: [],
    torch: 'none: our own answer',
  };
  const path = join(root, `data/${row.id}.safetensors`);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, writeSafetensors({ ...compared, steps: steps! }, { touchstone: JSON.stringify(meta) }));
  writeFileSync(join(root, 'cases.jsonl'), `${JSON.stringify(row)}\n`);
  writeManifest(root, 'test');
  golden = openGolden(root);
});

it('takes more steps than are compared, so that postconditions judge something', () => {
  expect(right['steps']!.data[0]).toBeGreaterThan(3);
  expect(Object.keys(golden.readGolden(row.id).stages)).not.toContain('attribution');
});

it('our own port passes', async () => {
  // "touchstone verify" of `npm test` judges fooling images on the others.
  const backends = process.env['TOUCHSTONE_FULL'] === '1' ? ['cpu', 'wasm', 'float64'] : ['cpu'];
  const { outcomes } = await verify({ golden, cases: [row], backends });
  expect(outcomes.map(({ status, reason }) => [status, reason])).toEqual(backends.map(() => ['passed', null]));
});

describe('a foreign port', () => {
  const withAttribution = (change: (right: HostTensor) => HostTensor): Stages => ({
    ...right,
    attribution: change(right['attribution']!),
  });

  const answers: readonly (readonly [string, () => Stages, string, string | null, RegExp])[] = [
    ['that is right', () => right, 'passed', null, /^null$/],
    [
      'that gives nothing but the end',
      () => ({ attribution: right['attribution']!, steps: right['steps']! }),
      'passed',
      null,
      /judged by its postconditions alone/,
    ],
    [
      'that only gives the image',
      () => ({ attribution: right['attribution']! }),
      'passed',
      null,
      /judged by its postconditions alone/,
    ],
    [
      'whose end is another that fools too',
      () => withAttribution(({ shape, data }) => ({ shape, data: data.map((value, i) => value + 1e-3 * Math.sin(i)) })),
      'passed',
      null,
      /^null$/,
    ],
    [
      'that does not fool the network',
      () => ({ ...right, attribution: golden.readInput('x') }),
      'failed',
      'postcondition',
      /^postconditions failed: "fooled" \(.*holds?\)\nfooled: /,
    ],
    [
      'that never ends',
      () => ({ ...right, steps: { shape: right['steps']!.shape, data: Float64Array.of(101) } }),
      'failed',
      'postcondition',
      /postconditions failed: "/,
    ],
    [
      'whose compared steps are wrong',
      () => ({ ...right, 'image-2': golden.readInput('x') }),
      'failed',
      'e2',
      /stage "image-2"/,
    ],
    ['that gives no end', () => ({ logits: right['logits']! }), 'failed', 'stages', /no stage "attribution"/],
    [
      'whose end has another shape',
      () => withAttribution(({ data }) => ({ shape: [1, 2, 4, 3], data })),
      'failed',
      'shape',
      /stage "attribution" has shape \[1,2,4,3\], golden \[1,2,3,4\]/,
    ],
    [
      'whose end is NaN',
      () => withAttribution(({ shape, data }) => ({ shape, data: data.map(() => NaN) })),
      'failed',
      'non-finite',
      /stage "attribution" holds NaN/,
    ],
  ];
  let outcomes: readonly Outcome[];
  beforeAll(async () => {
    outcomes = await judgedAsFiles(
      golden,
      row,
      answers.map(([, answer]) => answer()),
    );
  });

  it.each(answers.map(([title, , status, check, reason], i) => ({ title, i, status, check, reason })))(
    '$title',
    ({ i, status, check, reason }) => {
      const outcome = everyField(outcomes[i]!);
      expect(outcome).toMatchObject({ status, check });
      expect(String(outcome.reason)).toMatch(reason);
    },
  );

  it('is also examined as a module', async () => {
    const text = ({ shape, data }: HostTensor): string => `{ shape: [${shape.join()}], data: [${data.join()}] }`;
    const [good, bad] = [text(right['attribution']!), text(golden.readInput('x'))];
    const port = join(root, 'twice.mjs');
    // Each case is asked twice.
    writeFileSync(
      port,
      `let asked = 0;
      const steps = ${text(right['steps']!)};
      const answer = async () => ({ steps, attribution: asked++ < 2 ? ${good} : ${bad} });
      export default { name: 'm', version: '1', methods: { 'fooling-image': answer } }`,
    );
    expect((await verify({ golden, cases: [row, row], port })).outcomes.map(everyField)).toMatchObject([
      { status: 'passed', check: null },
      { status: 'failed', check: 'postcondition' },
    ]);
  });
});

it('broken postconditions are reported with the found values, cleaned', () => {
  expect(howPostconditionsFail([{ name: 'a', holds: true, text: '' }])).toBeNull();
  expect(
    howPostconditionsFail([
      { name: 'a', holds: true, text: '' },
      { name: 'rising\u001b[2J', holds: false, text: 'from 3 to 2' },
      { name: 'c', holds: true, text: '' },
    ]),
  ).toBe('postconditions failed: "rising" (a, c hold)\nrising: from 3 to 2');
});
