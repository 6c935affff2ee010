/** Prints a scene as a TypeScript program on our API, which prints each event with the sums of its values. */
import { globalKinds, hooksIn, type Hook, type HookProgram } from '@touchstone/contract';
import { indent, typescriptNetwork, typescriptTensor } from '../print/typescript.js';
import { callOf, classesOf, counts, stepLines, type Dialect } from './print-hooks.js';
import type { HookScene, PlainTarget } from './scene.js';

export function printTypeScript(scene: HookScene): string {
  const { program } = scene;
  return [
    ...setUpLines(scene),
    '',
    ...eventLines,
    '',
    ...scalingLines(program),
    '',
    ...runLines(scene),
    '',
    ...program.steps.flatMap((step) => stepLines(step, typescript)),
    '',
  ]
    .join('\n')
    .replaceAll(/\n{3,}/g, '\n\n');
}

/** Imports, the network, and the record of events. */
function setUpLines({ description, weights, program }: HookScene): string[] {
  const used = new Set(hooksIn(program.steps).map(({ hook }) => hook.kind));
  const imported = [
    'backward',
    'constant',
    'fromHost',
    'loadNetwork',
    ...(scalesVariables(program) ? ['mul'] : []),
    'parseNetwork',
    ...globalKinds.filter((kind) => used.has(kind)).map((kind) => registrationOf[kind]!),
    'Variable',
    'type RemovableHandle',
  ];
  return [
    "import * as tf from '@tensorflow/tfjs-core';",
    "import { findBackend } from '@touchstone/backends';",
    `import { ${imported.join(', ')} } from '@touchstone/network';`,
    '',
    "await findBackend('float64').open();",
    ...typescriptNetwork(description, weights),
    ...program.parameters.map((name) => `network.parameter(${text(name)}).requiresGrad = true;`),
    'const handles = new Map<string, RemovableHandle>();',
    'const firings = new Map<string, number>();',
  ];
}

const eventLines: readonly string[] = [
  'function show(event: string, ...values: readonly (Variable | tf.Tensor | null)[]): void {',
  '  console.log(event, ...values.map((value) => ' +
    'value && tf.sum(value instanceof Variable ? value.value : value).dataSync()[0]));',
  '}',
  '',
  'function fired(name: string, where: string, ...values: readonly (Variable | tf.Tensor | null)[]): number {',
  '  const n = (firings.get(name) ?? 0) + 1;',
  '  firings.set(name, n);',
  '  show(`${name} ${where}#${n}`, ...values);',
  '  return n;',
  '}',
];

/** The functions that scale values in hooks, as far as they are used. */
function scalingLines(program: HookProgram): string[] {
  const lines: string[] = [];
  if (scalesVariables(program))
    lines.push('const times = (value: Variable, by: number) => mul(value, Variable.leaf(constant([by], [])));');
  if (scalesIn(program, 'backward', 'backward-pre', 'tensor'))
    lines.push('const scaled = (gradient: tf.Tensor, by: number) => tf.mul(gradient, constant([by], []));');
  return lines;
}

function runLines({ x, target, program }: HookScene): string[] {
  const parameters = program.parameters.map((name) => `network.parameter(${text(name)})`);
  const gradients = ['x', ...parameters].map((leaf) => `${leaf}.grad`);
  return [
    'function run(): void {',
    ...indent([
      ...parameters.map((parameter) => `${parameter}.grad = null;`),
      `const x = Variable.leaf(fromHost(${typescriptTensor(x)}), { requiresGrad: ${program.inputGradient} });`,
      'try {',
      ...indent([
        'const output = network.call(x);',
        "show('output', output);",
        `backward(output, ${seedLine(target, x.shape[0]!)});`,
        `show('grad', ${gradients.join(', ')});`,
      ]),
      '} catch (error) {',
      "  console.log('threw', (error as Error).message);",
      '}',
    ]),
    '}',
  ];
}

function scalesIn(program: HookProgram, ...calls: readonly string[]): boolean {
  return hooksIn(program.steps).some(
    ({ hook }) => calls.includes(callOf(hook)) && hook.acts.some((act) => act.do === 'scale'),
  );
}

function scalesVariables(program: HookProgram): boolean {
  return scalesIn(program, 'forward-pre', 'forward');
}

const registrationOf: Readonly<Record<string, string>> = {
  'forward-pre': 'registerForwardPreHook',
  forward: 'registerForwardHook',
  'backward-pre': 'registerFullBackwardPreHook',
  backward: 'registerFullBackwardHook',
  'global-forward-pre': 'registerModuleForwardPreHook',
  'global-forward': 'registerModuleForwardHook',
  'global-backward-pre': 'registerModuleFullBackwardPreHook',
  'global-backward': 'registerModuleFullBackwardHook',
};

/** The parameters of each kind of hook after the module, and the syntax of a replacement. */
const typescript: Dialect = {
  parameters: {
    'forward-pre': ['inputs'],
    forward: ['inputs', 'output'],
    'backward-pre': ['gradOutput'],
    backward: ['gradInput', 'gradOutput'],
    tensor: ['gradient'],
  },
  define: (hook, body) => {
    const call = callOf(hook);
    const parameters = typescript.parameters[call].map((name) => `${name}: ${typeOf(call, name)}`);
    const all = [...(call === 'tensor' ? [] : ['module: { path: string }']), ...parameters];
    return ['', `function ${identifier(hook.name)}(${all.join(', ')}) { // ${hook.kind}`, ...indent(body), '}'];
  },
  show: (hook) => {
    const where = hook.kind === 'tensor' ? "'-'" : hook.kind === 'parameter' ? text(hook.at!) : "module.path || '.'";
    const values = typescript.parameters[callOf(hook)].map((name) =>
      name === 'output' || name === 'gradient' ? name : `...${name}`,
    );
    return `${counts(hook) ? 'const firing = ' : ''}fired(${[text(hook.name), where, ...values].join(', ')});`;
  },
  when: (firing, body) => [`if (firing === ${firing}) {`, ...indent(body), '}'],
  scaled: (call, value, by) => {
    if (call === 'forward-pre') return `${value}.map((input) => times(input, ${by}))`;
    if (call === 'forward') return `times(${value}, ${by})`;
    return call === 'tensor'
      ? `${value} && scaled(${value}, ${by})`
      : `${value}.map((gradient) => gradient && scaled(gradient, ${by}))`;
  },
  assign: (to, value) => `${to} = ${value};`,
  give: (value) => `return ${value};`,
  noReplacement: 'let replacement;',
  remove: (name) => `handles.get(${text(name)})?.remove();`,
  raise: (name) => `throw new Error(${text(name)});`,
  register: (hook) => `handles.set(${text(hook.name)}, ${registration(hook)});`,
  hookTensor: (tensor, hook) =>
    `if (${tensor}!.requiresGrad) handles.set(${text(hook.name)}, ${tensor}!.registerHook(${identifier(hook.name)}));`,
  run: 'run();',
};

function typeOf(call: string, name: string): string {
  if (call === 'tensor') return 'tf.Tensor';
  if (name === 'output') return 'Variable';
  return name === 'inputs' ? 'readonly Variable[]' : 'readonly (tf.Tensor | null)[]';
}

function registration({ name, kind, at, prepend }: Hook): string {
  if (kind === 'parameter') return `network.parameter(${text(at!)}).registerHook(${identifier(name)})`;
  if (at === undefined) return `${registrationOf[kind]}(${identifier(name)})`;
  const options = prepend ? ', { prepend: true }' : '';
  return `network.module(${text(at)}).${registrationOf[kind]}(${identifier(name)}${options})`;
}

/** ∂target/∂output. */
function seedLine(target: PlainTarget, images: number): string {
  const oneHot = '.flatMap((chosen) => Array.from({ length: output.shape[1]! }, (_, k) => Number(k === chosen)))';
  const rows =
    'weights' in target
      ? list(Array.from({ length: images }, () => target.weights).flat())
      : `${list(classesOf(target.class, images))}${oneHot}`;
  return `constant(${rows}, output.shape)`;
}

function list(values: readonly number[]): string {
  return `[${values.join(', ')}]`;
}

function identifier(name: string): string {
  return name.replaceAll('-', '_');
}

function text(name: string): string {
  return JSON.stringify(name);
}
