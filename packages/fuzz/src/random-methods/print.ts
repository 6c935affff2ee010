/** Prints a scene as a few lines in PyTorch and in TypeScript, which print the sum of each stage. */
import { indent as indentPython, pythonLiteral, pythonTensor } from '../print/python.js';
import { pythonNetwork } from '../print/pytorch-network.js';
import { indent, typescriptNetwork, typescriptTensor } from '../print/typescript.js';
import type { MethodScene } from './scene.js';

export function printMethodInPython({
  description,
  weights,
  x,
  target,
  method,
  params,
  fixtures,
}: MethodScene): string {
  const given = Object.entries(fixtures).map(([name, tensor]) => `${JSON.stringify(name)}: ${pythonTensor(tensor)}`);
  return [
    '# In tools/golden.',
    'from collections import OrderedDict',
    '',
    'import torch',
    'from torch import nn',
    'from torch.nn import functional as F',
    '',
    'from touchstone_golden.cases import reference',
    '',
    ...pythonNetwork(description, weights),
    `x = ${pythonTensor(x)}`,
    `explain = reference(${JSON.stringify(method)}).explain`,
    `stages = explain(network, x, ${pythonLiteral(target)}, ${pythonLiteral(params)}, {${given.join(', ')}})`,
    'for name, value in stages.items():',
    ...indentPython(['print(name, value.sum().item())']),
    '',
  ].join('\n');
}

/** @param backend on which it differs */
export function printMethodInTypeScript(
  { description, weights, x, target, method, params, fixtures }: MethodScene,
  backend: string,
): string {
  const given = Object.entries(fixtures).map(([name, tensor]) => `${name}: ${typescriptTensor(tensor)}`);
  return [
    "import { findBackend } from '@touchstone/backends';",
    "import { explain, findMethod } from '@touchstone/methods';",
    "import { loadNetwork, parseNetwork } from '@touchstone/network';",
    '',
    `await findBackend(${JSON.stringify(backend)}).open();`,
    ...typescriptNetwork(description, weights),
    `const x = ${typescriptTensor(x)};`,
    `const target = ${JSON.stringify(target)};`,
    `const params = ${JSON.stringify(params)};`,
    `const fixtures = {${given.length > 0 ? ` ${given.join(', ')} ` : ''}};`,
    `const method = findMethod(${JSON.stringify(method)});`,
    'const { stages } = await explain(method, { network, x, target, params, fixtures });',
    'for (const [name, { data }] of Object.entries(stages))',
    ...indent(['console.log(name, data.reduce((sum, value) => sum + value, 0));']),
    '',
  ].join('\n');
}
