import { HookProgram, hooksIn, parse } from '@touchstone/contract';
import { parseNetwork } from '@touchstone/network';
import fc from 'fast-check';
import { test } from 'vitest';
import { hookScenes } from './scene.js';
test('stats', () => {
  const scenes = fc.sample(hookScenes, { seed: 1, numRuns: 1000 });
  const c: Record<string, number> = {};
  for (const s of scenes) {
    parse(HookProgram, s.program, 'p');
    parseNetwork(JSON.parse(JSON.stringify(s.description)), 'n');
    for (const { hook } of hooksIn(s.program.steps)) { c[hook.kind] = (c[hook.kind] ?? 0) + 1; for (const a of hook.acts) { const k = `${hook.kind} ${a.do}`; c[k] = (c[k] ?? 0) + 1; } }
    for (const m of Object.values(s.description.modules)) { const k = 'alias' in m ? 'M alias' : `M ${m.type}`; c[k] = (c[k] ?? 0) + 1; if ('attributes' in m && m.attributes['inplace']) c['M in'] = (c['M in'] ?? 0) + 1; }
  }
  console.log(c);
  const sizes = scenes.map((s) => [Object.keys(s.description.modules).length, s.program.steps.length, hooksIn(s.program.steps).length]);
  for (const i of [0, 1, 2]) console.log(sizes.map((v) => v[i]!).sort((a, b) => a - b).filter((_, k) => k % 100 === 50));
});
