import type { NetworkDescription } from '@touchstone/contract';
import { description, leaf } from '@touchstone/network/testing';
import { expect, it } from 'vitest';
import { findMethod } from '../registry.js';
import { noteOn } from './other-activations.js';

/** A container that calls these functions one after another, and a leaf ReLU where asked for. */
function calling(ops: readonly string[], withRelu = false): NetworkDescription {
  const calls = ops.map((op, i) => ({ name: `v${i + 1}`, op, args: [`v${i}`], attributes: {} }));
  return description({
    '': { type: 'Net', inputs: ['v0'], calls, output: `v${ops.length}` },
    ...(withRelu ? { act: leaf.relu } : {}),
  });
}

it.each([
  { ops: ['relu'], note: undefined },
  { ops: ['softmax', 'add'], note: undefined },
  { ops: ['relu6', 'silu', 'gelu'], note: 'for GELU, SiLU there is no agreed rule, so their own gradients are kept' },
])('guided backpropagation of $ops notes $note', ({ ops, note }) => {
  const expected = note === undefined ? undefined : expect.stringContaining(note);
  expect(noteOn(findMethod('guided-backprop'), calling(ops))).toEqual(expected);
  expect(noteOn(findMethod('saliency'), calling(ops))).toBeUndefined();
});

it('counts a ReLU that is a module', () => {
  expect(noteOn(findMethod('deconv'), calling(['tanh'], true))).toMatch(/^deconv replaces .* tanh/);
});

it.each(['guided-backprop', 'deconv'])('%s refuses a network whose activations are all others', (id) => {
  expect(() => noteOn(findMethod(id), calling(['silu', 'sigmoid']))).toThrow(
    expect.objectContaining({
      code: 'unsupported',
      message: expect.stringContaining('for sigmoid, SiLU there is no agreed rule, and this network has no ReLU'),
    }),
  );
});
