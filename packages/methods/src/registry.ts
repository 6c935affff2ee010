/** Every method, one line each. */
import { unknownName } from '@touchstone/contract';
import { activations } from './activations/activations.js';
import { cam } from './cam/cam.js';
import { deconv } from './deconv/deconv.js';
import { gradCam } from './grad-cam/grad-cam.js';
import { guidedBackprop } from './guided-backprop/guided-backprop.js';
import { hooks } from './hooks/hooks.js';
import type { Method } from './method.js';
import { saliency } from './saliency/saliency.js';
import { smoothGrad } from './smooth-grad/smooth-grad.js';

export const methods: readonly Method[] = [saliency, smoothGrad, deconv, guidedBackprop, cam, gradCam, activations, hooks];

/** @throws `unknown-name` with the nearest */
export function findMethod(id: string): Method {
  const method = methods.find((known) => known.id === id);
  if (!method) throw unknownName('method', id, methods.map((known) => known.id));
  return method;
}
