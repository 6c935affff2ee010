/** L1, L3: what is captured at a layer, and how often. */
import type { NetworkDescription } from '@touchstone/contract';
import { anyNetwork } from '../arbitraries/networks.js';
import { scenes, type Scene } from '../arbitraries/scenes.js';
import type { GeneratedNetwork } from '../arbitraries/build-network.js';
import { Disagreement } from '../disagreement.js';
import { forAll } from '../for-all.js';
import type { Law } from '../law.js';
import type { Trial } from '../trial.js';

export const capturedLaws: readonly Law[] = [
  {
    id: 'L1',
    title: 'a captured value is what the network returns when it ends there, also where the next operation is in place',
    why: 'a value that is read after a later operation has changed it; a value before a fused operation; a wrong call',
    property: forAll(scenes(anyNetwork), async (trial, scene) => {
      const { generated, x, target } = scene;
      const { path, cut } = endingAt(scene);
      const params = { layers: [path] };
      const short = await trial.explain('activations', trial.load(cut), { x, target, params });
      const call = Object.keys(short).findLast((stage) => stage === path || stage.startsWith(`${path}#`))!;
      const whole = await trial.explain('activations', trial.load(generated), { x, target, params });
      const captured = whole[call]!;
      trial.expectClose(`"${call}"`, captured, { shape: captured.shape, data: short['logits']!.data });
    }),
  },
  {
    id: 'L3',
    title: 'one value, and one event, per call of a layer; a layer that is never called is an error',
    why: 'the first call for all calls of a layer; zeros for a layer that was not executed; hooks that run twice',
    property: forAll(scenes(anyNetwork), async (trial, { generated, x, target, layer }) => {
      const network = trial.load(generated);
      const wanted = callsOf(generated.description);
      const stages = await trial.explain('activations', network, { x, target, params: { layers: [layer] } });
      const values = Object.keys(stages).filter((stage) => stage === layer || stage.startsWith(`${layer}#`)).length;
      if (values !== wanted.get(layer))
        throw new Disagreement(`"${layer}" is called ${wanted.get(layer)} times and has ${values} values`);
      await expectRefusal(trial, generated, { x, target });
      if (trial.subject.inside === null) return;
      const seen = new Map<string, number>();
      const handles = trial
        .modulesOf(network)
        .namedModules()
        .map(([path, module]) => module.registerForwardHook(() => void seen.set(path, (seen.get(path) ?? 0) + 1)));
      await trial.explain('saliency', network, { x, target });
      for (const handle of handles) handle.remove();
      for (const [path, count] of wanted)
        if (seen.get(path) !== count)
          throw new Disagreement(`"${path}" is called ${count} times, and its hook ran ${seen.get(path) ?? 0} times`);
    }),
  },
];

/** The network up to a module that its root calls, flattened, and the path of this module. */
function endingAt({ generated, seed }: Scene): { path: string; cut: GeneratedNetwork } {
  const { description } = generated;
  const root = description.modules['']!;
  if (!('calls' in root)) throw new Error('the root of a generated network is a container');
  const before = root.calls.findIndex(({ name }) => name === 'maps');
  const ends = root.calls.slice(0, before + 1).filter((call) => 'module' in call);
  const end = ends[seed % ends.length]!;
  const calls = [
    ...root.calls.slice(0, root.calls.indexOf(end) + 1),
    { name: 'flatten', module: 'flatten', args: [end.name] },
  ];
  const modules = { ...description.modules, '': { ...root, calls, output: 'flatten' } };
  return { path: end.module, cut: { ...generated, description: { ...description, modules } } };
}

/** Module path → how often one pass calls it. */
function callsOf({ modules }: NetworkDescription): Map<string, number> {
  const counts = new Map<string, number>();
  const visit = (path: string): void => {
    counts.set(path, (counts.get(path) ?? 0) + 1);
    const module = modules[path]!;
    if ('calls' in module) for (const call of module.calls) if ('module' in call) visit(call.module);
  };
  visit('');
  return counts;
}

async function expectRefusal(
  trial: Trial,
  generated: GeneratedNetwork,
  { x, target }: Pick<Scene, 'x' | 'target'>,
): Promise<void> {
  const { description } = generated;
  const modules = { ...description.modules, idle: { type: 'Identity', attributes: {} } };
  const network = trial.load({ ...generated, description: { ...description, modules } });
  const refused = await trial.explain('activations', network, { x, target, params: { layers: ['idle'] } }).then(
    () => false,
    () => true,
  );
  if (!refused) throw new Disagreement('a layer that is never called has a value');
}
