import { HookProgram, hooksIn, parse } from '@touchstone/contract';
import { findBackend } from '@touchstone/backends';
import { parseNetwork } from '@touchstone/network';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { combinations } from './features.js';
import { hookScenes } from './scene.js';
import { ourTrace } from './trace.js';

beforeAll(() => findBackend('float64').open());

const scenes = fc.sample(hookScenes, { seed: 4, numRuns: 1000 });

describe('1000 random scenes', () => {
  test('every program and every network satisfies its schema', () => {
    for (const { program, description } of scenes) {
      parse(HookProgram, program, 'program');
      parseNetwork(JSON.parse(JSON.stringify(description)), 'network');
    }
  });

  test('every path is in the network, every parameter among its weights', () => {
    for (const { program, description, weights } of scenes) {
      const known = new Set([...Object.keys(description.modules), ...Object.keys(weights)]);
      const named = [
        ...program.parameters,
        ...hooksIn(program.steps).flatMap(({ hook }) => (hook.at === undefined ? [] : [hook.at])),
      ];
      expect(named.filter((path) => !known.has(path))).toEqual([]);
    }
  });

  test('every kind with every act, every step, every option', () => {
    const seen = new Set<string>();
    for (const { program } of scenes) {
      seen.add(`inputGradient ${program.inputGradient}`);
      for (const step of program.steps) seen.add(step.do);
      for (const { hook, by } of hooksIn(program.steps)) {
        seen.add(`${by} inside`);
        if (hook.prepend) seen.add('prepend');
        for (const act of hook.acts) seen.add(`${hook.kind} ${act.do}`).add(act.on === undefined ? 'always' : 'once');
      }
    }
    const all = [
      ...combinations,
      'inputGradient true',
      'inputGradient false',
      'register',
      'remove',
      'run',
      'register inside',
      'hook-tensor inside',
      'prepend',
      'always',
      'once',
    ];
    expect(all.filter((each) => !seen.has(each))).toEqual([]);
  });

  test('every kind of module, in place too, shared, under a second name, with two inputs', () => {
    const seen = new Set<string>();
    for (const { description } of scenes) {
      const called = new Set<string>();
      for (const module of Object.values(description.modules)) {
        if ('alias' in module) seen.add('alias');
        else if ('attributes' in module)
          seen.add(`${module.type}${module.attributes['inplace'] === true ? ' in place' : ''}`);
        else {
          seen.add(`${module.inputs.length} inputs`);
          for (const call of module.calls) {
            if ('op' in call) seen.add(`${call.op}${call.attributes['inplace'] === true ? ' in place' : ''}`);
            else if (!('module' in call)) continue;
            else if (called.has(call.module)) seen.add('shared');
            else called.add(call.module);
          }
        }
      }
    }
    const types = [
      'Conv2d',
      'Linear',
      'BatchNorm2d',
      'ReLU',
      'ReLU in place',
      'ReLU6',
      'MaxPool2d',
      'AvgPool2d',
      'AdaptiveAvgPool2d',
      'ZeroPad2d',
      'Dropout',
      'Flatten',
      'Identity',
    ];
    const ops = [
      'add',
      'cat',
      'relu',
      'relu in place',
      'relu6',
      'max_pool2d',
      'avg_pool2d',
      'adaptive_avg_pool2d',
      'flatten',
    ];
    expect([...types, ...ops, 'alias', 'shared', '1 inputs', '2 inputs'].filter((each) => !seen.has(each))).toEqual([]);
  });
});

test('most runs succeed, and many throw', async () => {
  const ends = { succeeded: 0, hook: 0, framework: 0 };
  for (const scene of scenes.slice(0, 200)) {
    for (const stage of Object.keys(await ourTrace(scene))) {
      if (stage.endsWith('grad x') || stage.endsWith('grad x null')) ends.succeeded++;
      else if (stage.endsWith('threw framework')) ends.framework++;
      else if (stage.includes(' threw ')) ends.hook++;
    }
  }
  expect(ends.succeeded).toBeGreaterThan(2 * (ends.hook + ends.framework));
  expect(ends.hook).toBeGreaterThan(10);
  expect(ends.framework).toBeGreaterThan(10);
});
