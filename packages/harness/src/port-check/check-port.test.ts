/** Ports that answer with our own methods, right or spoilt: what the check says about them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { readSafetensors, type HostTensor, type NetworkDescription, type Stages } from '@touchstone/contract';
import { findMethod, methods } from '@touchstone/methods';
import type { ExplainAnswer, ExplainRequest } from '@touchstone/session';
import type { Port } from '../port/port.js';
import { checkPort, type PortCheck } from './check-port.js';
import { openKnownAnswers, type Ask } from './known-answers.js';
import { probesFor, type Probe } from './probes.js';
import { firstRepeated, mapped, misread, permuted, readAs, reshaped, reversed } from './rearranged.js';

let ask: Ask;
beforeAll(async () => void (ask = await openKnownAnswers()));

type Respond = (probe: Probe, method: string, right: () => Promise<Stages>) => Promise<Stages> | Stages;

/** Reads the networks from their folders, as ports do. */
function port(respond: Respond): Port {
  const explain = async (request: ExplainRequest): Promise<ExplainAnswer> => {
    const method = findMethod(request.method);
    const read = (file: string): Buffer => readFileSync(join(request.networkFolder, file));
    const description = JSON.parse(read('network.json').toString()) as NetworkDescription;
    const weights = readSafetensors(read('weights.safetensors'), 'weights').tensors;
    const probe = { ...probesFor(method)[0]!, ...request, description, weights } as unknown as Probe;
    try {
      const stages = await respond(probe, request.method, () => ask(method, probe));
      return { kind: 'answered', stages, milliseconds: 1, unrepeated: null, leaked: 0, peakBytes: null };
    } catch (error) {
      return (error as Error).message === 'unsupported'
        ? { kind: 'skipped', reason: 'unsupported: no such layer' }
        : { kind: 'errored', code: 'port-error', reason: String(error), leaked: 0 };
    }
  };
  return { explain } as unknown as Port;
}

const check = (respond: Respond, ...declared: string[]): Promise<PortCheck> => checkPort(port(respond), declared);
const attribution =
  (change: (tensor: HostTensor) => HostTensor): Respond =>
  async (_probe, _method, right) => ({ attribution: change((await right())['attribution']!) });
const question =
  (change: (probe: Probe) => Probe): Respond =>
  (probe, method) =>
    ask(findMethod(method), change(probe));
const weights = (probe: Probe, axes: number, change: (weight: HostTensor) => HostTensor): Probe => ({
  ...probe,
  weights: Object.fromEntries(
    Object.entries(probe.weights).map(([name, weight]) => [
      name,
      weight.shape.length === axes ? reshaped(change(weight), weight.shape) : weight,
    ]),
  ),
});

it('a right port agrees everywhere, and the judge is awake', async () => {
  const result = await checkPort(
    port((_probe, _method, right) => right()),
    undefined,
  );
  expect(result).toMatchObject({ faults: [], unexplained: [], unchecked: [] });
  const checked = new Set(result.rows.map(({ method }) => method));
  expect([...checked]).toEqual(methods.map(({ id }) => id).filter((id) => checked.has(id)));
  expect(checked.size).toBe(8);
  for (const method of checked)
    expect(result.rows.filter((row) => row.method === method).map((row) => [row.check, row.status])).toEqual(
      ['identity', 'zero', 'asymmetric', 'square', 'must differ'].map((id) => [id, 'agrees']),
    );
}, 60_000);

it('of the identity network the gradient is exactly the weights of the target', async () => {
  const probe = probesFor(findMethod('saliency'))[0]!;
  const { gradient } = await ask(findMethod('saliency'), probe);
  const rows = probe.weights['head.weight']!.data.slice(2 * 105, 3 * 105);
  expect(gradient!.data).toEqual(Float64Array.from([...rows, ...rows]));
});

it('no unit of the asymmetric network is near its switch point', async () => {
  const { conv } = await ask(findMethod('activations'), probesFor(findMethod('activations'))[2]!);
  const sizes = Array.from(conv!.data, Math.abs);
  expect(Math.min(...sizes) / Math.max(...sizes)).toBeGreaterThan(1e-3);
});

describe('what a port returns', () => {
  it.each<[string, string, (tensor: HostTensor) => HostTensor]>([
    ['the shape is [N,H,W,C], with the values in that order', 'deconv', (t) => permuted(t, [0, 2, 3, 1])!],
    ['the shape is [N,C,W,H]', 'saliency', (t) => permuted(t, [0, 1, 3, 2])!],
    ['the batch dimension is lost: there is one image only', 'saliency', (t) => half(t, [1, ...t.shape.slice(1)])],
    [
      'the batch dimension is lost: there is one image only, without its axis',
      'saliency',
      (t) => half(t, t.shape.slice(1)),
    ],
    ['the axis of the channels is lost: [N,H,W]', 'grad-cam', (t) => reshaped(t, [2, ...t.shape.slice(2)])],
    ['everything is flattened to one row', 'guided-backprop', (t) => reshaped(t, [t.data.length])],
    ['the port answers zeros', 'smooth-grad', (t) => mapped(t, () => 0)],
    ['rows and columns are exchanged, under the right shape', 'saliency', (t) => misread(t, [0, 1, 3, 2])!],
    ['the values are in the order [N,H,W,C] under the shape [N,C,H,W]', 'deconv', (t) => misread(t, [0, 2, 3, 1])!],
    ['the channels are in the opposite order', 'deconv', (t) => reversed(t, 1)!],
    ['the columns are mirrored', 'grad-cam', (t) => reversed(t, 3)!],
    ['every image has the answer of the first', 'hires-cam', firstRepeated],
    ['the sign is wrong', 'deconv', (t) => mapped(t, (v) => -v)],
    ['values are absolute', 'guided-backprop', (t) => mapped(t, Math.abs)],
    ['the answer is 0.1429 times the right one', 'cam', (t) => mapped(t, (v) => v / 7)],
    ['the mean over the batch is differentiated, not the sum', 'saliency', (t) => mapped(t, (v) => v / 2)],
    ['values have half precision', 'saliency', (t) => mapped(t, rounded)],
    ['the shape is [3], not [2,1,5,7]', 'grad-cam', () => ({ shape: [3], data: Float32Array.of(1, 2, 3) })],
  ])('%s', async (says, method, change) => {
    const { faults, rows } = await check(attribution(change), method);
    expect(faults).toMatchObject([{ says, certain: true, methods: [method] }]);
    expect(rows.some(({ status }) => status === 'differs')).toBe(true);
  });
});

describe('what a port reads', () => {
  const channelsLast = [0, 2, 3, 1];
  it.each<[string, string, (probe: Probe) => Probe]>([
    [
      'params.reduce is ignored: the answer is always that of "abs-max"',
      'saliency',
      (p) => ({ ...p, params: { ...p.params, reduce: 'abs-max' } }),
    ],
    [
      'params.reduce is ignored: the answer is always that of "none"',
      'saliency',
      (p) => ({ ...p, params: { ...p.params, reduce: 'none' } }),
    ],
    ['class 0 is explained in place of the target', 'saliency', (p) => ({ ...p, target: { class: 0 } })],
    ['the likeliest class is explained in place of the target', 'deconv', (p) => ({ ...p, target: 'likeliest' })],
    ['the images are read as [N,H,W,C]', 'grad-cam', (p) => ({ ...p, x: readAs(p.x, channelsLast)! })],
    ['rows and columns of the images are exchanged', 'cam', (p) => ({ ...p, x: readAs(p.x, [0, 1, 3, 2])! })],
    ["Linear's weight is read as [in, out]", 'saliency', (p) => weights(p, 2, (w) => readAs(w, [1, 0])!)],
    ['kernels are read as [height, width, in, out]', 'grad-cam', (p) => weights(p, 4, (w) => readAs(w, [2, 3, 1, 0])!)],
    ["Linear's columns are in the order [H,W,C]", 'guided-backprop', (p) => weights(p, 2, (w) => columns(w, p))],
  ])('%s', async (says, method, change) => {
    expect((await check(question(change), method)).faults).toMatchObject([{ says, certain: true }]);
  });
});

it('a port that keeps the first network', async () => {
  let first: Probe | undefined;
  const keeping: Respond = (probe, method) => ask(findMethod(method), (first ??= probe));
  const { faults } = await check(keeping, 'deconv');
  expect(faults).toMatchObject([
    { says: 'a network of zeros does not give zeros: the answer is that of the network before', certain: true },
  ]);
});

it('a port that exchanges rows and columns where they are as many', async () => {
  const exchanging = attribution((t) => (t.shape[2] === t.shape[3] ? misread(t, [0, 1, 3, 2])! : t));
  const { rows, faults } = await check(exchanging, 'saliency');
  expect(rows.filter(({ status }) => status === 'differs').map((row) => row.check)).toEqual(['square']);
  expect(faults).toMatchObject([{ certain: false }]);
});

it('a map of zeros that is divided by its maximum', async () => {
  const { faults } = await check(
    attribution((t) => mapped(t, (v) => v / (t.data.every((each) => each === 0) ? 0 : 1))),
    'grad-cam',
  );
  expect(faults).toMatchObject([{ says: '0/0: a map of zeros becomes NaN or ±∞' }]);
});

it('NaN where the map is 0 is said next to another fault', async () => {
  const { faults } = await check(
    attribution((t) => mapped(misread(t, [0, 1, 3, 2])!, (v) => v / (t.data.every((each) => each === 0) ? 0 : 1))),
    'saliency',
  );
  expect(faults.map(({ says }) => says)).toEqual([
    '0/0: a map of zeros becomes NaN or ±∞',
    'rows and columns are exchanged, under the right shape',
  ]);
});

it('a port that declares NHWC is told so in its own layout', async () => {
  const nhwc = (change: (tensor: HostTensor) => HostTensor): Promise<PortCheck> =>
    checkPort({ ...port(attribution(change)), layout: 'NHWC' }, ['grad-cam']);
  expect((await nhwc((t) => permuted(t, [0, 3, 1, 2])!)).faults).toMatchObject([
    { says: 'the layout NHWC is declared, but [N,C,H,W] is returned', certain: true },
  ]);
  const { faults, rows } = await nhwc(({ data }) => ({ shape: [2, 2, 5, 7], data: new Float32Array(2 * data.length) }));
  expect(faults).toMatchObject([{ says: 'the shape is [2,5,7,2], not [2,5,7,1] (NHWC)' }]);
  expect(rows[0]!.reason).toContain('shape [2,5,7,2], golden [2,5,7,1] (NHWC)');
});

it('one fault of several methods is named once; a fault of the method is not one of the glue', async () => {
  const exchanged = attribution((t) => misread(t, [0, 1, 3, 2])!);
  expect((await check(exchanged, 'grad-cam', 'saliency')).faults).toMatchObject([
    { methods: ['grad-cam', 'saliency'] },
  ]);
  const squared = attribution((t) => mapped(t, (v) => v * v));
  expect(await check(squared, 'saliency')).toMatchObject({ faults: [], unexplained: ['saliency'] });
});

it('what is not answered', async () => {
  const refusing: Respond = (probe) => {
    throw new Error(probe.params['reduce'] === 'none' ? 'unsupported' : 'no such tensor');
  };
  const { rows, unchecked } = await check(refusing, 'saliency', 't-sne', 'salency');
  expect(rows.map(({ status }) => status)).toEqual(['unsupported', 'errored', 'errored', 'unsupported']);
  expect(unchecked).toEqual([
    { method: 't-sne', reason: '"touchstone verify" judges it' },
    { method: 'salency', reason: 'there is no such method; did you mean "saliency"?' },
  ]);
});

function half({ data }: HostTensor, shape: readonly number[]): HostTensor {
  return { shape, data: data.slice(0, data.length / 2) };
}

/** To 11 bits. */
function rounded(value: number): number {
  const unit = 2 ** (Math.floor(Math.log2(Math.abs(value) || 1)) - 10);
  return Math.round(value / unit) * unit;
}

function columns(weight: HostTensor, { description }: Probe): HostTensor {
  const maps = { identity: [3, 5, 7], asymmetric: [4, 3, 6], square: [3, 4, 4] }[description.name]!;
  return readAs(reshaped(weight, [weight.shape[0]!, ...maps]), [0, 2, 3, 1])!;
}
