import { TouchstoneError, type NetworkDescription } from '@touchstone/contract';
import type { Method } from './method.js';

/** Functions that are used as activations, by their names in network.json; ReLU and ReLU6 are not among them. */
const otherActivations = {
  celu: 'CELU',
  clamp: 'clamp',
  elu: 'ELU',
  gelu: 'GELU',
  hardsigmoid: 'Hardsigmoid',
  hardswish: 'Hardswish',
  hardtanh: 'Hardtanh',
  leaky_relu: 'LeakyReLU',
  logsigmoid: 'LogSigmoid',
  mish: 'Mish',
  prelu: 'PReLU',
  selu: 'SELU',
  sigmoid: 'sigmoid',
  silu: 'SiLU',
  softplus: 'Softplus',
  tanh: 'tanh',
  threshold: 'Threshold',
} as const;

/**
 * Guided backpropagation and deconvolution replace the gradient of ReLU and ReLU6. What a reader of the answer must
 * know of the other activations of the network; undefined: it has none, or the method replaces no rule.
 *
 * @throws `unsupported` where the network has other activations only: the answer would be the plain gradient
 */
export function noteOn(
  { id, declares }: Pick<Method, 'id' | 'declares'>,
  { modules }: NetworkDescription,
): string | undefined {
  if (declares.reluRule !== 'guided' && declares.reluRule !== 'deconv') return undefined;
  const calls = Object.values(modules).flatMap((module) => ('calls' in module ? module.calls : []));
  const ops = new Set(calls.flatMap((call) => ('op' in call ? [call.op] : [])));
  const others = Object.entries(otherActivations).flatMap(([op, name]) => (ops.has(op) ? [name] : []));
  if (others.length === 0) return undefined;
  const types = new Set(Object.values(modules).flatMap((module) => ('attributes' in module ? [module.type] : [])));
  const hasRelu = ops.has('relu') || ops.has('relu6') || types.has('ReLU') || types.has('ReLU6');
  const rule = `${id} replaces the gradient of ReLU and ReLU6; for ${others.join(', ')} there is no agreed rule`;
  if (!hasRelu)
    throw new TouchstoneError(
      'unsupported',
      `${rule}, and this network has no ReLU`,
      'Use saliency, which is the plain gradient, or a method of class activation maps.',
    );
  return `${rule}, so their own gradients are kept`;
}
