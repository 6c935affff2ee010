/** A scene as a TypeScript program on our API, which prints each event with the sums of its values. */
import { globalKinds, hooksIn, type Hook, type HostTensor, type NetworkDescription } from '@touchstone/contract';
import { callOf, classesOf, counts, stepLines, type Dialect } from './print-hooks.js';
import type { HookScene, PlainTarget } from './scene.js';

const indent = (lines: readonly string[]): string[] => lines.map((line) => (line === '' ? '' : `  ${line}`));

export function printTypeScript({ description, weights, x, target, program }: HookScene): string {
  const hooks = hooksIn(program.steps).map(({ hook }) => hook);
  const used = (when: boolean, ...names: readonly string[]) => (when ? names : []);
  const scales = (...calls: readonly string[]) =>
    hooks.some((hook) => calls.includes(callOf(hook)) && hook.acts.some((act) => act.do === 'scale'));
  const onVariables = scales('forward-pre', 'forward');
  const imported = [
    'backward',
    'constant',
    'fromHost',
    'loadNetwork',
    ...used(onVariables, 'mul'),
    'parseNetwork',
    ...globalKinds.filter((kind) => hooks.some((hook) => hook.kind === kind)).map((kind) => registrationOf[kind]!),
    'Variable',
    'type RemovableHandle',
  ];
  return [
    "import * as tf from '@tensorflow/tfjs-core';",
    "import { findBackend } from '@touchstone/backends';",
    `import { ${imported.join(', ')} } from '@touchstone/network';`,
    '',
    "await findBackend('float64').open();",
    'const network = loadNetwork(',
    ...indent([
      ...descriptionLines(description),
      '{',
      ...indent(Object.entries(weights).map(([name, tensor]) => `${text(name)}: ${tensorLine(tensor)},`)),
      '},',
    ]),
    ');',
    ...program.parameters.map((name) => `network.parameter(${text(name)}).requiresGrad = true;`),
    'const handles = new Map<string, RemovableHandle>();',
    'const firings = new Map<string, number>();',
    '',
    'function show(event: string, ...values: readonly (Variable | tf.Tensor | null)[]): void {',
    '  console.log(event, ...values.map((value) => value && tf.sum(value instanceof Variable ? value.value : value).dataSync()[0]));',
    '}',
    '',
    'function fired(name: string, where: string, ...values: readonly (Variable | tf.Tensor | null)[]): number {',
    '  const n = (firings.get(name) ?? 0) + 1;',
    '  firings.set(name, n);',
    '  show(`${name} ${where}#${n}`, ...values);',
    '  return n;',
    '}',
    '',
    ...used(
      onVariables,
      'const times = (value: Variable, by: number) => mul(value, Variable.leaf(constant([by], [])));',
    ),
    ...used(
      scales('backward', 'backward-pre', 'tensor'),
      'const scaled = (gradient: tf.Tensor, by: number) => tf.mul(gradient, constant([by], []));',
    ),
    '',
    'function run(): void {',
    ...indent([
      ...program.parameters.map((name) => `network.parameter(${text(name)}).grad = null;`),
      `const x = Variable.leaf(fromHost(${tensorLine(x)}), { requiresGrad: ${program.inputGradient} });`,
      'try {',
      ...indent([
        'const output = network.call(x);',
        "show('output', output);",
        `backward(output, ${seedLine(target, x.shape[0]!)});`,
        `show('grad', ${['x', ...program.parameters.map((name) => `network.parameter(${text(name)})`)].map((leaf) => `${leaf}.grad`).join(', ')});`,
      ]),
      '} catch (error) {',
      "  console.log('threw', (error as Error).message);",
      '}',
    ]),
    '}',
    '',
    ...program.steps.flatMap((step) => stepLines(step, typescript)),
    '',
  ]
    .join('\n')
    .replaceAll(/\n{3,}/g, '\n\n');
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

/** What a hook of each kind is given, after the module, and what a replacement is. */
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
    return [
      '',
      `function ${identifier(hook.name)}(${[...(call === 'tensor' ? [] : ['module: { path: string }']), ...parameters].join(', ')}) { // ${hook.kind}`,
      ...indent(body),
      '}',
    ];
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
  return `network.module(${text(at)}).${registrationOf[kind]}(${identifier(name)}${prepend ? ', { prepend: true }' : ''})`;
}

/** One line per module. */
function descriptionLines({ modules, ...rest }: NetworkDescription): string[] {
  const head = JSON.stringify(rest).slice(1, -1);
  return [
    `parseNetwork({ ${head}, "modules": {`,
    ...indent(Object.entries(modules).map(([path, module]) => `${text(path)}: ${JSON.stringify(module)},`)),
    `} }, ${text(rest.name)}),`,
  ];
}

/** ∂target/∂output. */
function seedLine(target: PlainTarget, images: number): string {
  const rows =
    'weights' in target
      ? `${list(Array.from({ length: images }, () => target.weights).flat())}`
      : `${list(classesOf(target.class, images))}.flatMap((chosen) => Array.from({ length: output.shape[1]! }, (_, k) => Number(k === chosen)))`;
  return `constant(${rows}, output.shape)`;
}

function tensorLine({ shape, data }: HostTensor): string {
  return `{ shape: ${list(shape)}, data: Float64Array.of(${data.join(', ')}) }`;
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
