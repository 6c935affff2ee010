/** y = (w+x)·(w+1) at w = 1, x = 2: hooks on tensors, without any module. */
import * as tf from '@tensorflow/tfjs-core';
import { add, backward, constant, mul, Variable } from '@touchstone/network';

const number = (value: number): tf.Tensor => constant([value], [1]);

/** A hook on the intermediate w+x sees its gradient, 2; once removed, it is not called in the second backward pass. */
export function scalarProduct(): Record<string, tf.Tensor> {
  const seen: Record<string, tf.Tensor> = {};
  const w = Variable.leaf(number(1), { requiresGrad: true });
  const x = Variable.leaf(number(2), { requiresGrad: true });
  const sum = add(w, x);
  const handle = sum.registerHook((gradient) => {
    if ('gradient of w+x' in seen) throw new Error('the hook was removed');
    seen['gradient of w+x'] = gradient;
  });
  const y = mul(sum, add(w, Variable.leaf(number(1))));
  seen['y'] = y.value;

  backward(y, number(1));
  seen['w.grad'] = w.grad!.clone(); // the next pass adds to it, as in PyTorch
  seen['x.grad'] = x.grad!.clone();

  handle.remove();
  backward(y, number(1));
  seen['w.grad after a second backward'] = w.grad!;
  return seen;
}

/**
 * PyTorch: `w.register_hook(lambda g: g.mul_(2) * 3)` doubles the gradient in place and returns three times that.
 * Here tensors are immutable: the hook returns the product.
 */
export function gradientTimesSix(): Record<string, tf.Tensor> {
  const w = Variable.leaf(number(1), { requiresGrad: true });
  const x = Variable.leaf(number(2), { requiresGrad: true });
  w.registerHook((gradient) => tf.mul(tf.mul(gradient, 2), 3));
  backward(mul(add(w, x), add(w, Variable.leaf(number(1)))), number(1));
  return { 'w.grad': w.grad!, 'x.grad': x.grad! };
}
