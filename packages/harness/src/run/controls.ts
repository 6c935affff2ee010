/**
 * Known answers that every shard judges next to its cases: a right one must pass and a wrong one must fail, so that a
 * shard whose judge accepts or rejects everything is never green.
 */
import { oracleBackend } from '@touchstone/backends';
import type { Control, HostTensor, NetworkDescription, Stages } from '@touchstone/contract';
import { explain, findMethod, mutants, type Explanation } from '@touchstone/methods';
import { loadNetwork } from '@touchstone/network';
import type { ExplainRequest } from '@touchstone/session';
import type { Golden } from '../golden/golden-file.js';
import { judge } from '../judge/judge.js';
import type { JudgeOracle } from '../judge/oracle.js';
import { answeredElsewhere, elsewhere } from '../port/files-port.js';

const [classes, pixels, target] = [3, 4, 1];
const shape = [1, 1, 2, 2];
/** W [classes, pixels], exact in binary. */
const weight = [0.5, -0.25, 1, 2, -1.5, 0.75, 0.25, -1, 1.25, -0.5, -2, 0.125];
const bias = [0.5, 0, -0.25];
const x = [1, -0.5, 0.25, 2];

const description: NetworkDescription = {
  format: 'touchstone-network',
  version: 1,
  name: 'control',
  why: 'the gradient of a linear network is a row of its weights',
  input: { shape: [1, 2, 2] },
  modules: {
    '': {
      type: 'Sequential',
      inputs: ['x'],
      calls: [
        { name: 'a', module: 'flat', args: ['x'] },
        { name: 'b', module: 'fc', args: ['a'] },
      ],
      output: 'b',
    },
    flat: { type: 'Flatten', attributes: { startDim: 1, endDim: -1 } },
    fc: { type: 'Linear', attributes: { inFeatures: pixels, outFeatures: classes, bias: true } },
  },
};

const tensor = (data: readonly number[], ofShape: readonly number[]): HostTensor => ({
  shape: [...ofShape],
  data: Float64Array.from(data),
});
const dot = (c: number): number => x.reduce((sum, value, p) => sum + value * weight[c * pixels + p]!, bias[c]!);
/** In closed form. */
const gradient = tensor(weight.slice(target * pixels, (target + 1) * pixels), shape);
const stages = {
  logits: tensor([0, 1, 2].map(dot), [1, classes]),
  gradient,
  attribution: gradient,
};
const exact = { e2: 0, eMax: 0 };
const golden: Golden = {
  stages,
  perImage: true,
  postconditionStages: {},
  sketch: [],
  flips: [],
  meta: {
    case: 'control',
    stages: Object.keys(stages),
    reference: { logits: exact, gradient: exact, attribution: exact },
    margin: { relu: null, pool: null },
    atRisk: 0,
    flips: [],
    sketch: [],
    torch: 'none: closed form',
    sampled: {},
    claimed: {},
    multiplyAdds: 0,
  },
};

const params = { reduce: 'none' };
const request: ExplainRequest = {
  method: 'saliency',
  networkFolder: '',
  x: tensor(x, shape),
  target: { class: target },
  params,
  fixtures: {},
  maxValues: 100,
};
/** No cause is sought, and nothing else is asked about a linear network. */
const oracle: JudgeOracle = {
  confirmed: new Set(),
  cause: () => Promise.resolve(null),
  replay: () => Promise.reject(new Error('a control has no switch points')),
  postconditions: () => Promise.reject(new Error('a control has no postconditions')),
};

/** Both answers of our own saliency in float64, in this process: the right one, and the gradient of the softmax. */
export async function judgeControls(): Promise<Control[]> {
  await oracleBackend.open();
  const weights = { 'fc.weight': tensor(weight, [classes, pixels]), 'fc.bias': tensor(bias, [classes]) };
  const network = loadNetwork(description, weights);
  const explanation: Explanation = { network, x: request.x, target: { class: target }, params, fixtures: {} };
  const method = findMethod('saliency');
  const mutant = mutants.find(({ id }) => id === 'softmax-target')!;
  try {
    return [
      await judged('right', (await explain(method, explanation)).stages),
      await judged('wrong', await mutant.explain(method, explanation)),
    ];
  } finally {
    network.dispose();
  }
}

/** Whether the controls of a run show that it judges. */
export function controlsHold(controls: readonly Control[]): boolean {
  const has = (answer: Control['answer'], status: Control['status']): boolean =>
    controls.some((control) => control.answer === answer && control.status === status);
  const isWrong = ({ answer, status }: Control): boolean => status !== (answer === 'right' ? 'passed' : 'failed');
  return has('right', 'passed') && has('wrong', 'failed') && !controls.some(isWrong);
}

async function judged(answer: Control['answer'], answered: Stages): Promise<Control> {
  const decision = await judge(golden, [], request, answeredElsewhere(answered), elsewhere, oracle);
  return { answer, status: decision.status, check: decision.status === 'failed' ? decision.check : null };
}
